/**
 * Sessions and a limit for handlers that take a `Request` and give a `Response`, as in Next.js, Hono, Deno, Bun and edge
 * functions. On an edge without sockets the core is made from `upstashPort` instead.
 *
 *     export const { GET, POST } = createHandlers(core);   // app/api/session/route.ts
 */
import type { RedisCore } from "@cardinal/redis-core";
import { clientAddress, fetchSessions, withinLimit } from "@cardinal/redis-core/fetch";
import { slidingWindow } from "@cardinal/redis-core/rate-limit";

interface SessionData {
  readonly theme: string;
}

type Handler = (request: Request) => Promise<Response>;

export function createHandlers(core: RedisCore): { readonly GET: Handler; readonly POST: Handler; readonly DELETE: Handler } {
  const sessions = core.sessions<SessionData>({ idle: "7d", absolute: "30d" });
  const auth = fetchSessions(sessions, { takesBearer: true });
  const signIns = core.limiter("sign-in", { address: slidingWindow(5, "15m") });
  // The host's own proxy is the one hop that appends to the header.
  const addressOf = ({ headers }: Request) => clientAddress(undefined, headers.get("x-forwarded-for"), { hops: 1 });

  return {
    GET: (request) =>
      auth.handle(request, ({ session }) =>
        session ? Response.json(session.data) : Response.json({ error: "UNAUTHORIZED" }, { status: 401 }),
      ),
    POST: (request) =>
      withinLimit(signIns, { keys: { address: addressOf(request) } }, () =>
        auth.handle(request, async (visit) => {
          const { name } = (await request.json()) as { readonly name: string };
          const handOver = request.headers.has("x-wants-token") ? "token" : "cookie";
          const { token } = await visit.signIn({ userId: name, data: { theme: "dark" } }, { handOver });
          return Response.json(handOver === "token" ? { token } : { ok: true });
        }),
      ),
    DELETE: (request) =>
      auth.handle(request, async (visit) => {
        await visit.signOut();
        return new Response(null, { status: 204 });
      }),
  };
}
