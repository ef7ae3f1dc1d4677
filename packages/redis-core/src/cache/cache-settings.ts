import { type Duration, toMs, toPositiveMs } from "../duration.ts";
import { Misuse } from "../errors.ts";
import type { CacheOptions } from "./cache.ts";
import type { StandardSchema } from "../schema.ts";

/** A namespace's options, checked and in milliseconds. */
export interface CacheSettings<T> {
  readonly namespace: string;
  readonly version: number;
  readonly ttlMs: number;
  readonly graceMs: number;
  readonly negativeTtlMs: number;
  readonly l1: { readonly max: number; readonly ttlMs: number } | null;
  readonly schema: StandardSchema<T> | null;
  readonly jitter: number;
  readonly earlyRefresh: number;
  readonly maxBytes: number;
  readonly compressAbove: number;
  readonly softTimeoutMs: number;
  readonly hardTimeoutMs: number;
  readonly leaseMs: number;
  readonly waitMs: number;
  readonly backOffMs: number;
}

/** Longer lives are mistakes, and the times in an entry must stay exact. */
const longestMs = 100 * 366 * 86_400_000;

/**
 * A time to live or grace in milliseconds; 0 is allowed.
 *
 * @throws {Misuse} for anything else, and for more than a hundred years.
 */
export function toLifeMs(duration: Duration, what: string): number {
  const ms = toMs(duration, what);
  if (ms > longestMs) {
    throw new Misuse(`${what} must be at most 100 years, got ${duration}`);
  }
  return ms;
}

/** Timers of JavaScript end at once when they are set for longer. */
const longestTimerMs = 2_147_483_647;

/**
 * How long something is waited for, in milliseconds.
 *
 * @throws {Misuse} for anything a timer cannot wait for.
 */
export function toTimerMs(duration: Duration, what: string): number {
  const ms = toMs(duration, what);
  if (ms > longestTimerMs) {
    throw new Misuse(`${what} must be at most 24 days, got ${duration}`);
  }
  return ms;
}

/** As `toTimerMs`, and refuses zero. */
export function toPositiveTimerMs(duration: Duration, what: string): number {
  return toTimerMs(toPositiveMs(duration, what), what);
}

/** @throws {Misuse} naming the option that is wrong. */
export function toCacheSettings<T>(namespace: string, options: CacheOptions<T>): CacheSettings<T> {
  if (!/^[a-z0-9][a-z0-9_.-]{0,63}$/i.test(namespace)) {
    throw new Misuse(`a cache namespace is 1 to 64 letters, digits, "_", "." or "-", got "${namespace}"`);
  }
  const { version = 1, jitter = 0.1, earlyRefresh = 0, maxBytes = 1_048_576, l1 = false } = options;
  const { compressAbove = Number.POSITIVE_INFINITY } = options;
  if (!Number.isSafeInteger(version) || version < 0) {
    throw new Misuse(`version must be a whole number of at least 0, got ${version}`);
  }
  if (!(jitter >= 0 && jitter < 1)) {
    throw new Misuse(`jitter must be at least 0 and below 1, got ${jitter}`);
  }
  if (!(earlyRefresh >= 0 && earlyRefresh <= 1_000)) {
    throw new Misuse(`earlyRefresh must be from 0 to 1000, got ${earlyRefresh}`);
  }
  if (!(compressAbove >= 0)) {
    throw new Misuse(`compressAbove must be at least 0, got ${compressAbove}`);
  }
  if (compressAbove !== Number.POSITIVE_INFINITY && typeof CompressionStream === "undefined") {
    throw new Misuse("compressAbove needs CompressionStream, which this platform does not have");
  }
  if (!(maxBytes > 0)) {
    throw new Misuse(`maxBytes must be above 0, got ${maxBytes}`);
  }
  if (l1 && !(Number.isSafeInteger(l1.max) && l1.max > 0)) {
    throw new Misuse(`l1.max must be a whole number above 0, got ${l1.max}`);
  }
  return {
    namespace,
    version,
    ttlMs: toLifeMs(options.ttl, "ttl"),
    graceMs: toLifeMs(options.grace ?? 0, "grace"),
    negativeTtlMs: toLifeMs(options.negativeTtl ?? 0, "negativeTtl"),
    l1: l1 ? { max: l1.max, ttlMs: toPositiveMs(l1.ttl, "l1.ttl") } : null,
    schema: options.schema ?? null,
    jitter,
    earlyRefresh,
    maxBytes,
    compressAbove,
    softTimeoutMs: toTimerMs(options.softTimeout ?? 0, "softTimeout"),
    hardTimeoutMs: toPositiveTimerMs(options.hardTimeout ?? "30s", "hardTimeout"),
    leaseMs: toPositiveTimerMs(options.lease ?? "3s", "lease"),
    waitMs: toTimerMs(options.wait ?? "5s", "wait"),
    backOffMs: toPositiveTimerMs(options.backOff ?? "1s", "backOff"),
  };
}
