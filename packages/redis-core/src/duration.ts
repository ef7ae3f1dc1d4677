import { Misuse } from "./errors.ts";

type Unit = "ms" | "s" | "m" | "h" | "d" | "w";

/** A length of time: milliseconds, or a number with a unit such as `"10m"`, `"1.5h"`, `"7d"`. */
export type Duration = number | `${number}${Unit}`;

const unitMs: Record<Unit, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/;

/**
 * Milliseconds of a duration, rounded up so that a positive one never becomes zero.
 *
 * @throws {Misuse} for negative, non-finite or unreadable values; `what` names the option in the message.
 */
export function toMs(duration: Duration, what = "duration"): number {
  if (typeof duration === "number") {
    if (!Number.isFinite(duration) || duration < 0) {
      throw new Misuse(`${what} must be a number of milliseconds of at least 0, got ${duration}`);
    }
    return Math.ceil(duration);
  }
  const match = pattern.exec(duration);
  const unit = match?.[2];
  if (!match || !isUnit(unit)) {
    throw new Misuse(`${what} must look like "10m" (units ms, s, m, h, d, w), got "${duration}"`);
  }
  return Math.ceil(Number(match[1]) * unitMs[unit]);
}

/** As `toMs`, and refuses zero. */
export function toPositiveMs(duration: Duration, what = "duration"): number {
  const ms = toMs(duration, what);
  if (ms === 0) {
    throw new Misuse(`${what} must be longer than 0`);
  }
  return ms;
}

function isUnit(unit: string | undefined): unit is Unit {
  return unit !== undefined && Object.hasOwn(unitMs, unit);
}
