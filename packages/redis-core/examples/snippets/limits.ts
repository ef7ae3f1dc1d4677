import type { RedisCore } from "@cardinal/redis-core";
import { fixedWindow, rateLimitHeaders, slidingWindow, slidingWindowLog, tokenBucket } from "@cardinal/redis-core/rate-limit";

export function createLimits(core: RedisCore) {
  // snippet: rateLimit
  const api = core.limiter("api", { user: slidingWindowLog(10, "60s") });
  const limitRequest = async (userId: string) => {
    const decision = await api.limit({ user: userId });
    return { status: decision.allowed ? 200 : 429, headers: rateLimitHeaders(decision) };
  };
  // end

  // snippet: threeAlgorithms
  const fixed = core.limiter("fixed", { caller: fixedWindow(10, "10s") });
  const sliding = core.limiter("sliding", { caller: slidingWindow(100, "1m") });
  const bucket = core.limiter("bucket", { caller: tokenBucket({ rate: 5, per: "10s", burst: 10 }) });
  // end

  // snippet: limitUser
  const createPost = core.limiter("create-post", {
    member: slidingWindow(5, "1m"),
    address: slidingWindow(20, "1m"), // both are asked in one round trip, and neither is debited when one denies
  });
  const mayCreatePost = async (userId: string, address: string) =>
    (await createPost.limit({ member: userId, address })).allowed;
  // end
  return { limitRequest, fixed, sliding, bucket, mayCreatePost };
}
