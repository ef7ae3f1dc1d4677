import { toMs, toPositiveMs } from "../duration.ts";
import { Misuse } from "../errors.ts";
import type { SessionsOptions } from "./sessions.ts";

/** The options, checked and in milliseconds. */
export interface SessionSettings {
  readonly idleMs: number;
  readonly absoluteMs: number;
  readonly maxPerUser: number;
  readonly touchEveryMs: number;
  readonly rotationGraceMs: number;
  readonly onUnavailable: "closed" | "record";
}

/** @throws {Misuse} naming the option that is wrong. */
export function toSessionSettings<Data>(options: SessionsOptions<Data>): SessionSettings {
  const idleMs = toPositiveMs(options.idle, "idle");
  const absoluteMs = toPositiveMs(options.absolute, "absolute");
  const { maxPerUser = 10, onUnavailable = "closed" } = options;
  if (idleMs > absoluteMs) {
    throw new Misuse("idle must not be longer than absolute");
  }
  if (!Number.isSafeInteger(maxPerUser) || maxPerUser < 1 || maxPerUser > 100) {
    throw new Misuse(`maxPerUser must be a whole number from 1 to 100, got ${maxPerUser}`);
  }
  if (onUnavailable === "record" && !options.records) {
    throw new Misuse('onUnavailable "record" needs records');
  }
  const touchEveryMs = toPositiveMs(options.touchEvery ?? Math.min(60_000, idleMs / 2), "touchEvery");
  if (touchEveryMs > idleMs / 2 && touchEveryMs > 1) {
    throw new Misuse("touchEvery must be at most half of idle, or sessions in use would end");
  }
  const rotationGraceMs = toMs(options.rotationGrace ?? "10s", "rotationGrace");
  return { idleMs, absoluteMs, maxPerUser, touchEveryMs, rotationGraceMs, onUnavailable };
}

/** When a session ends that is used now. The scripts compute the same. */
export function expiryOf(nowMs: number, idleMs: number, absoluteUntilMs: number): number {
  return Math.min(nowMs + idleMs, absoluteUntilMs);
}
