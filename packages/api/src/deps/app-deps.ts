import type { Database } from "@cardinal/db";
import type { OutboxDoorbell } from "@cardinal/jobs";
import type { RedisCore } from "@cardinal/redis-core";
import type { Analytics } from "@cardinal/redis-core/analytics";
import type { Sessions } from "@cardinal/redis-core/sessions";
import type { Log } from "../context/log.ts";
import type { Live } from "../live/live.ts";
import type { PasswordHasher } from "../passwords/password-hasher.ts";
import type { AppConfig } from "./app-config.ts";
import type { Boards } from "./boards.ts";
import type { Caches } from "./caches.ts";
import type { Counters } from "./counters.ts";
import type { Doorbells } from "./doorbells.ts";
import type { ExpiryMemory } from "./expiry-memory.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { ApiTelemetry } from "./telemetry.ts";

/** What a session carries besides its member. */
export type SessionData = { readonly via: "password" };

/** Everything use-cases and procedures are given. Each use-case names the few it needs by `Pick`. */
export interface AppDeps {
  readonly config: AppConfig;
  readonly db: Database;
  readonly core: RedisCore;
  readonly sessions: Sessions<SessionData>;
  /** When a session's cookie must be sent again. */
  readonly expiries: ExpiryMemory;
  readonly limits: RateLimits;
  readonly caches: Caches;
  readonly boards: Boards;
  /** Page views of the whole site. */
  readonly analytics: Analytics;
  /** What is shown while it changes. */
  readonly counters: Counters;
  readonly doorbells: Doorbells;
  /** What the streams of this process share. */
  readonly live: Live;
  /** Rung after a commit that enqueued jobs. */
  readonly outbox: OutboxDoorbell;
  readonly passwords: PasswordHasher;
  readonly log: Log;
  readonly telemetry: ApiTelemetry;
  /** Whether Redis answers a PING. Never throws. */
  checkRedis(): Promise<boolean>;
  /** Epoch milliseconds. */
  now(): number;
  /** A new UUID v7. */
  newId(): string;
  readonly startedAtMs: number;
}
