/** Every input and output of the API, free of server code: forms and other programs validate with them. */
export * from "./errors/reasons.ts";
export * from "./routers/analytics/schemas.ts";
export * from "./routers/auth/schemas.ts";
export * from "./routers/chat/schemas.ts";
export * from "./routers/counter/schemas.ts";
export * from "./routers/health/schemas.ts";
export * from "./routers/inbox/schemas.ts";
export * from "./routers/job/schemas.ts";
export * from "./routers/leaderboard/schemas.ts";
export * from "./routers/live/schemas.ts";
export * from "./routers/moderation/schemas.ts";
export * from "./routers/post/schemas.ts";
export * from "./routers/presence/schemas.ts";
export * from "./routers/report-words.ts";
export * from "./routers/room/schemas.ts";
export * from "./routers/user/schemas.ts";
