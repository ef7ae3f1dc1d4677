import type { RedisCore } from "@cardinal/redis-core";

export function createCounting(core: RedisCore) {
  // snippet: incrementViewCount
  const views = core.counter("post-views", { dedupe: "1h", keep: "90d" });
  const viewPost = (postId: string, viewerId: string) => views.increment(postId, { viewer: viewerId });
  const getTopPosts = () => views.top(10); // ten entries are read and sent, however many posts there are
  // end

  // snippet: trackPageView
  const site = core.analytics("site");
  const trackPageView = (path: string, userId: string) => site.track({ path, visitor: { member: userId } });
  const getPageViews = async (path: string, from: number, to: number) => (await site.page(path, { from, to, by: "day" })).views;
  // end

  // snippet: getLeaderboard
  const points = core.leaderboard("points", { update: "increment", periods: ["week", "all"] });
  const addScore = (userId: string, score: number, operationId: string) => points.submit(userId, score, { operationId });
  const getLeaderboard = () => points.top(10, { period: "all" });
  const getUserRank = (userId: string) => points.get(userId); // { rank: null, score: 0 } for who has none
  // end
  return { viewPost, getTopPosts, trackPageView, getPageViews, addScore, getLeaderboard, getUserRank };
}
