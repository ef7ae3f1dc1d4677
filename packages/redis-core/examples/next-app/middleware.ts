/**
 * Next.js middleware at the edge: a limit by address before anything else runs. What it answers with is a plain
 * `Response`, so nothing of Next is needed here.
 */
import { clientAddress, withinLimit } from "@cardinal/redis-core/fetch";
import { slidingWindow } from "@cardinal/redis-core/rate-limit";
import { edgeRedisCore } from "./edge-redis.ts";

export const config = { matcher: "/api/:path*" };

const limiter = edgeRedisCore.limiter(
  "api",
  { address: slidingWindow(5, "1m") },
  // An outage of Redis must not close the site: each instance then counts for itself, with its share.
  { onUnavailable: "local", instances: 4 },
);

export function middleware(request: Request): Promise<Response> {
  // One proxy (Vercel's, Cloudflare's …) stands before this and appends the address it saw.
  const address = clientAddress(undefined, request.headers.get("x-forwarded-for"), { hops: 1 });
  return withinLimit(limiter, { keys: { address } }, next);
}

/** What `NextResponse.next()` makes. */
function next(): Response {
  return new Response(null, { headers: { "x-middleware-next": "1" } });
}
