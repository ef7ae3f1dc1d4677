import { analyticsRouter } from "./routers/analytics/analytics-router.ts";
import { authRouter } from "./routers/auth/auth-router.ts";
import { chatRouter } from "./routers/chat/chat-router.ts";
import { counterRouter } from "./routers/counter/counter-router.ts";
import { healthRouter } from "./routers/health/health-router.ts";
import { inboxRouter } from "./routers/inbox/inbox-router.ts";
import { jobRouter } from "./routers/job/job-router.ts";
import { leaderboardRouter } from "./routers/leaderboard/leaderboard-router.ts";
import { createLiveRouter } from "./routers/live/live-router.ts";
import { moderationRouter } from "./routers/moderation/moderation-router.ts";
import { postRouter } from "./routers/post/post-router.ts";
import { presenceRouter } from "./routers/presence/presence-router.ts";
import { roomRouter } from "./routers/room/room-router.ts";
import { userRouter } from "./routers/user/user-router.ts";
import { router } from "./trpc.ts";

const routers = {
  auth: authRouter,
  user: userRouter,
  room: roomRouter,
  chat: chatRouter,
  inbox: inboxRouter,
  moderation: moderationRouter,
  presence: presenceRouter,
  leaderboard: leaderboardRouter,
  post: postRouter,
  counter: counterRouter,
  analytics: analyticsRouter,
  job: jobRouter,
  health: healthRouter,
};

export const appRouter = router({ ...routers, live: createLiveRouter(router(routers)) });

/** The whole API as a type: what clients are typed by. Its emitted declaration needs `@trpc/server` only. */
export type AppRouter = typeof appRouter;
