/**
 * An edge function (Cloudflare Workers, Deno Deploy, Vercel …) over Upstash's REST API: `POST /<page>` counts a view,
 * once per visitor and hour; `GET /` lists the pages seen most. Without Redis the page still gets its answer.
 */
import { createRedisCore, isOutage } from "@cardinal/redis-core";
import { tokenBucket } from "@cardinal/redis-core/rate-limit";
import { upstashPort } from "@cardinal/redis-core/upstash";
import { Redis } from "@upstash/redis/cloudflare";

export interface Env {
  readonly UPSTASH_REDIS_REST_URL: string;
  readonly UPSTASH_REDIS_REST_TOKEN: string;
  /** Separates installations that share a Redis. */
  readonly PREFIX?: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { views, limiter } = open(env);
    const page = new URL(request.url).pathname.slice(1);
    // Set by Cloudflare itself; elsewhere take what your host sets, never what a client can send.
    const visitor = request.headers.get("cf-connecting-ip") ?? "unknown";
    try {
      if (request.method === "GET" && page === "") {
        return Response.json({ top: await views.top(10) });
      }
      if (request.method !== "POST" || page === "") {
        return Response.json({ error: "NOT_FOUND" }, { status: 404 });
      }
      const { allowed } = await limiter.limit({ visitor });
      return allowed
        ? Response.json({ views: await views.increment(page, { viewer: visitor }) })
        : Response.json({ error: "TOO_MANY_REQUESTS" }, { status: 429 });
    } catch (error) {
      if (!isOutage(error)) {
        throw error;
      }
      return Response.json({ views: null, top: [] });
    }
  },
};

/** Opens no connection: each call is a request of its own, so making this anew costs next to nothing. */
function open(env: Env) {
  const client = new Redis({
    url: env.UPSTASH_REDIS_REST_URL,
    token: env.UPSTASH_REDIS_REST_TOKEN,
    retry: { retries: 0 },
  });
  const core = createRedisCore({ redis: upstashPort(client), prefix: env.PREFIX ?? "edge" });
  return {
    views: core.counter("page-views", { dedupe: "1h" }),
    limiter: core.limiter("views", { visitor: tokenBucket({ rate: 3, per: "1m" }) }, { onUnavailable: "open" }),
  };
}
