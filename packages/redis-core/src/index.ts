export { type Clock, manualClock, type ManualClock, serverClock } from "./clock.ts";
export type { CoreContext, EpochStore } from "./context.ts";
export { createRedisCore, type RedisCore, type RedisCoreOptions } from "./core.ts";
export { type Duration, toMs } from "./duration.ts";
export {
  DecodeError,
  isOutage,
  Misuse,
  OutcomeUnknown,
  RedisCoreError,
  RedisReplyError,
  RedisUnavailable,
  UnsupportedByTransport,
} from "./errors.ts";
export type {
  BatchItem,
  BatchResult,
  CallOptions,
  MasterPort,
  RedisArgument,
  RedisCapabilities,
  RedisPort,
  RedisReply,
  SubscribeMode,
  Subscription,
  SubscriptionHandlers,
} from "./port.ts";
export type { SubscriberOptions } from "./subscriber-settings.ts";
export { type Labels, noTelemetry, type Telemetry } from "./telemetry.ts";
export type { Analytics, AnalyticsOptions, PageView, ViewBuffer, Visitor } from "./analytics/index.ts";
export type { Cache, CacheOptions } from "./cache/index.ts";
export type { Channel, ChannelOptions, ReplayChannel, ReplayChannelOptions } from "./channel/index.ts";
export type { Counter, CounterOptions } from "./counter/index.ts";
export type { Leaderboard, LeaderboardOptions } from "./leaderboard/index.ts";
export type {
  HeldLock,
  Lock,
  LockOptions,
  ReadWriteLock,
  Semaphore,
  SemaphoreOptions,
} from "./locks/index.ts";
export type { CheckReport, Finding, Monitor, MonitorOptions } from "./monitor/index.ts";
export type { Presence, PresenceOptions } from "./presence/index.ts";
export type { LimitDecision, Limiter, LimiterOptions, LimitRules } from "./rate-limit/index.ts";
export type { Session, SessionRecordStore, Sessions, SessionsOptions } from "./sessions/index.ts";
