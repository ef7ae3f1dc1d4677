import type { CheckReport } from "./check-redis.ts";
import type { KeySample, SampledKey } from "./describe-keys.ts";
import type { Figure } from "./figure.ts";
import type { Finding } from "./finding.ts";
import { mayStay } from "./permanent-keys.ts";

export interface KeySize {
  readonly key: string;
  readonly area: string;
  readonly kind: string;
  readonly bytes: number | null;
}

/** Where the memory goes, and what could be done about it. Built of samples: see `describeKeys`. */
export interface MemoryAdvice {
  /** The largest of the sampled keys. */
  readonly largest: readonly KeySize[];
  /** Sampled keys that have no TTL and are on no list of permanent ones: they stay for ever. */
  readonly withoutTtl: readonly KeySize[];
  /** What the check says of eviction and memory. */
  readonly findings: readonly Finding[];
  /** Why part of this is missing; empty when all was read. */
  readonly hidden: readonly string[];
}

const shownKeys = 20;
const memoryCodes = new Set([
  "state-evicts",
  "roles-shared",
  "cache-does-not-evict",
  "no-memory-limit",
  "memory-nearly-full",
  "state-was-evicted",
]);

export function adviseMemory(samples: readonly Figure<KeySample>[], { findings }: CheckReport): MemoryAdvice {
  const sampled = samples.flatMap((figure) => (figure.ok ? figure.value.sample : []));
  const hiddenSizes = samples.flatMap((figure) => (figure.ok ? reasonsIn(figure.value) : [figure.reason]));
  return {
    largest: bySize(sampled.filter(({ bytes }) => bytes !== null)),
    withoutTtl: bySize(sampled.filter(isForgotten)),
    findings: findings.filter(({ code }) => memoryCodes.has(code)),
    hidden: [...new Set(hiddenSizes)],
  };
}

function reasonsIn({ report }: KeySample): string[] {
  return report.kinds.flatMap(({ bytes }) => (bytes.ok ? [] : [bytes.reason]));
}

function isForgotten({ key, ttlMs, place }: SampledKey): boolean {
  return ttlMs === -1 && !(place.isOurs && mayStay(key));
}

function bySize(keys: readonly SampledKey[]): KeySize[] {
  return keys
    .toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0))
    .slice(0, shownKeys)
    .map(({ key, bytes, place: { area, kind } }) => ({ key, area, kind, bytes }));
}
