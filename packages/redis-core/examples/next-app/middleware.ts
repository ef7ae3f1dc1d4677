/**
 * Next.js middleware at the edge: a limit by address before anything else runs. What it answers with is a plain
 * `Response`, so nothing of Next is needed here.
 */
import { rateLimitHeaders, slidingWindow } from "@cardinal/redis-core/rate-limit";
import { edgeRedisCore } from "./edge-redis.ts";

export const config = { matcher: "/api/:path*" };

const limiter = edgeRedisCore.limiter(
  "api",
  { address: slidingWindow(5, "1m") },
  // An outage of Redis must not close the site: each instance then counts for itself, with its share.
  { onUnavailable: "local", instances: 4 },
);

export async function middleware(request: Request): Promise<Response> {
  // Behind one proxy (Vercel, Cloudflare …) the last entry is the address it saw; earlier ones are the client's word.
  const address = request.headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() ?? "unknown";
  const decision = await limiter.limit({ address });
  const headers = rateLimitHeaders(decision);
  return decision.allowed
    ? next(headers)
    : Response.json({ error: "TOO_MANY_REQUESTS" }, { status: 429, headers });
}

/** What `NextResponse.next({ headers })` makes. */
function next(headers: Readonly<Record<string, string>>): Response {
  return new Response(null, { headers: { ...headers, "x-middleware-next": "1" } });
}
