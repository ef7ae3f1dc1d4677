// `RequestHandle` and `ErrorData` are not exported here: TypeScript would then spell them through this file in the
// emitted type of `appRouter`, and this file knows the server's packages. `./error-data` exports the latter.
export { appRouter, type AppRouter } from "./app-router.ts";
export { type Log, silentLog } from "./context/log.ts";
export { assertOwnOrigin } from "./context/origin-check.ts";
export { createContextFactory, findRequest } from "./context/request-context.ts";
export type { RequestSource } from "./context/request-source.ts";
export { responseHeadersOf } from "./context/response-headers.ts";
export { readSessionCookie, sessionCookieName } from "./context/session-cookie.ts";
export type { AppConfig } from "./deps/app-config.ts";
export type { AppDeps, SessionData } from "./deps/app-deps.ts";
export { type AppDepsOptions, createAppDeps } from "./deps/create-app-deps.ts";
export type { ApiTelemetry } from "./deps/telemetry.ts";
export { type Fault, faultOf } from "./errors/fault-of.ts";
export { type PolicyName, type RateLimitPolicies, rateLimitPolicies } from "./policies/rate-limit-policies.ts";
export { isFeedBatch, markFeedBatch } from "./live/feed-batch.ts";
export type { Feed, FrameSink } from "./live/frame-sink.ts";
export { PushStream } from "./live/push-stream.ts";
export type { Live, LiveCounts, LiveOptions } from "./live/live.ts";
export { createCallerFactory } from "./trpc.ts";
