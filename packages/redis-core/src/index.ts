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
  Subscription,
  SubscriptionHandlers,
} from "./port.ts";
export { type Labels, noTelemetry, type Telemetry } from "./telemetry.ts";
