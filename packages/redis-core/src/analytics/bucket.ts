import { Misuse } from "../errors.ts";

export const hourMs = 3_600_000;
export const dayMs = 86_400_000;
const latestMs = 253_402_300_799_999;

export type BucketUnit = "hour" | "day";

/** One hour or day in UTC. */
export interface Bucket {
  /** Part of the keys: `2026-11-23T14` or `2026-11-23`. */
  readonly name: string;
  /** Hours or days since 1970. */
  readonly index: number;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

/**
 * The hour and the day that hold an instant. The only place where time is cut: always UTC, so every day has
 * 24 hours wherever the process runs, and the hours of a day are exactly those that begin in it.
 *
 * @throws {Misuse} for what is no instant from 1970 to 9999.
 */
export function bucket(ms: number): Readonly<Record<BucketUnit, Bucket>> {
  if (!(ms >= 0 && ms <= latestMs)) {
    throw new Misuse(`an instant must be milliseconds from 1970 to 9999, got ${ms}`);
  }
  return { hour: bucketAt("hour", Math.floor(ms / hourMs)), day: bucketAt("day", Math.floor(ms / dayMs)) };
}

function bucketAt(unit: BucketUnit, index: number): Bucket {
  const lengthMs = unit === "hour" ? hourMs : dayMs;
  const startsAtMs = index * lengthMs;
  const name = new Date(startsAtMs).toISOString().slice(0, unit === "hour" ? 13 : 10);
  return { name, index, startsAtMs, endsAtMs: startsAtMs + lengthMs };
}

/**
 * The buckets that a stretch of time touches, in order.
 *
 * @throws {Misuse} for an empty or reversed stretch, and past `most` buckets.
 */
export function bucketsBetween(fromMs: number, toMs: number, unit: BucketUnit, most: number): Bucket[] {
  if (!(fromMs < toMs)) {
    throw new Misuse(`from must be before to, got ${fromMs} and ${toMs}`);
  }
  const first = bucket(fromMs)[unit].index;
  // The bucket that holds the last instant before `to`, which is itself outside.
  const last = bucket(Math.ceil(toMs) - 1)[unit].index;
  const count = last - first + 1;
  if (count > most) {
    throw new Misuse(`at most ${most} ${unit}s can be read at once, got ${count}`);
  }
  return Array.from({ length: count }, (_, offset) => bucketAt(unit, first + offset));
}
