import type { Database } from "@cardinal/db";
import { newId } from "@cardinal/db";
import { createOutboxDoorbell } from "@cardinal/jobs";
import type { RedisCore } from "@cardinal/redis-core";
import { type Log, silentLog } from "../context/log.ts";
import { createLive, type LiveOptions } from "../live/live.ts";
import { createPasswordHasher, type PasswordHasher } from "../passwords/password-hasher.ts";
import { rateLimitPolicies, type RateLimitPolicies } from "../policies/rate-limit-policies.ts";
import { type AppConfig, SESSION_ABSOLUTE, SESSION_IDLE, SESSIONS_PER_MEMBER } from "./app-config.ts";
import type { AppDeps } from "./app-deps.ts";
import { createBoards } from "./boards.ts";
import { createCaches } from "./caches.ts";
import { createCounters } from "./counters.ts";
import { createDoorbells } from "./doorbells.ts";
import { createExpiryMemory } from "./expiry-memory.ts";
import { createRateLimits } from "./rate-limits.ts";
import { createSessionRecordStore } from "./session-record-store.ts";
import { type ApiTelemetry, noApiTelemetry } from "./telemetry.ts";

export interface AppDepsOptions {
  readonly config: AppConfig;
  readonly db: Database;
  readonly core: RedisCore;
  /** Whether Redis answers. */
  readonly checkRedis: () => Promise<boolean>;
  readonly log?: Log;
  readonly telemetry?: ApiTelemetry;
  readonly passwords?: PasswordHasher;
  readonly policies?: RateLimitPolicies;
  readonly live?: LiveOptions;
  /** Epoch milliseconds. Redis keeps its own time: a test that moves this one hands the core a clock as well. */
  readonly now?: () => number;
}

/**
 * What the API's use-cases are given, built from a database and a Redis core. It opens nothing and owns nothing:
 * closing `live`, `core` and `db`, in this order, stays the caller's business.
 */
export function createAppDeps(options: AppDepsOptions): AppDeps {
  const { config, db, core, log = silentLog, telemetry = noApiTelemetry, now = Date.now } = options;
  const analytics = core.analytics("site");
  const doorbells = createDoorbells(core);
  const deps = {
    config,
    db,
    core,
    sessions: core.sessions({
      idle: SESSION_IDLE,
      absolute: SESSION_ABSOLUTE,
      maxPerUser: SESSIONS_PER_MEMBER,
      onUnavailable: "record",
      records: createSessionRecordStore(db, now),
    }),
    expiries: createExpiryMemory(),
    limits: createRateLimits({
      core,
      policies: options.policies ?? rateLimitPolicies,
      telemetry,
      instances: config.instances,
    }),
    caches: createCaches(core),
    boards: createBoards(core),
    analytics,
    counters: createCounters({ core, analytics, doorbells, log }),
    doorbells,
    outbox: createOutboxDoorbell(core),
    passwords: options.passwords ?? createPasswordHasher(),
    log,
    telemetry,
    checkRedis: options.checkRedis,
    now,
    newId,
    startedAtMs: now(),
  };
  return { ...deps, live: createLive(deps, options.live) };
}
