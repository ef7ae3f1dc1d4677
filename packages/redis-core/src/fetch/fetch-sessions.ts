import { isOutage } from "../errors.ts";
import { SessionCookie, type SessionCookieOptions } from "../http/session-cookie.ts";
import { openVisit, type SessionVisit } from "../http/session-visit.ts";
import type { Sessions } from "../sessions/index.ts";

export interface FetchSessionsOptions {
  readonly cookie?: SessionCookieOptions;
  /** Whether `Authorization: Bearer <token>` counts as well as the cookie. Default false. */
  readonly takesBearer?: boolean;
}

export interface FetchVisit<Data> extends SessionVisit<Data> {
  /** The `Set-Cookie` value that the response must carry, if any: for frameworks that set cookies their own way. */
  setCookie(): string | null;
  /** The response with the cookie that this visit calls for. */
  seal(response: Response): Response;
}

/** Sessions for handlers that take a `Request` and give a `Response`: Next.js, Hono, Deno, Bun, edge functions. */
export interface FetchSessions<Data> {
  /**
   * Reads the session of a request. One round trip for a well-formed token, none without one. Without Redis it rejects
   * with the outage.
   */
  open(request: Request): Promise<FetchVisit<Data>>;
  /** Opens the visit, answers by the handler, seals the answer. An outage of Redis becomes 503 with `Retry-After`. */
  handle(
    request: Request,
    handler: (visit: FetchVisit<Data>) => Promise<Response> | Response,
  ): Promise<Response>;
}

/**
 * Sessions for the fetch API; the cookie is kept in step with them.
 *
 * @example
 * const auth = fetchSessions(sessions);
 * export const GET = (request: Request) =>
 *   auth.handle(request, ({ session }) =>
 *     session ? Response.json(session.data) : new Response(null, { status: 401 }),
 *   );
 */
export function fetchSessions<Data>(
  sessions: Sessions<Data>,
  options: FetchSessionsOptions = {},
): FetchSessions<Data> {
  const cookie = new SessionCookie(options.cookie);
  const parts = { sessions, cookie, takesBearer: options.takesBearer ?? false };

  const open = async ({ headers }: Request): Promise<FetchVisit<Data>> => {
    let latest: string | null = null;
    const read = {
      cookie: headers.get("cookie") ?? undefined,
      authorization: headers.get("authorization") ?? undefined,
    };
    const visit = await openVisit(parts, read, (value) => {
      latest = value;
    });
    return Object.assign(visit, {
      setCookie: () => latest,
      seal: (response: Response) => (latest === null ? response : withCookie(response, latest)),
    });
  };
  const handle: FetchSessions<Data>["handle"] = async (request, handler) => {
    try {
      const visit = await open(request);
      return visit.seal(await handler(visit));
    } catch (error) {
      if (!isOutage(error)) {
        throw error;
      }
      return Response.json({ error: "SERVICE_UNAVAILABLE" }, { status: 503, headers: { "Retry-After": "1" } });
    }
  };
  return { open, handle };
}

/** A new response, for the headers of a given one may be read-only. No cache shall keep it. */
function withCookie(response: Response, value: string): Response {
  const headers = new Headers(response.headers);
  headers.append("Set-Cookie", value);
  if (!headers.has("Cache-Control")) {
    headers.set("Cache-Control", "no-store");
  }
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
