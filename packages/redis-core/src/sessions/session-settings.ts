import { toMs, toPositiveMs } from "../duration.ts";
import { Misuse } from "../errors.ts";
import type { Schema } from "../schema.ts";
import type { OnMaxSessions } from "./session-record-store.ts";
import type { SessionsOptions } from "./sessions.ts";

/** The options, checked and in milliseconds. */
export interface SessionSettings<Data> {
  readonly idleMs: number;
  readonly absoluteMs: number;
  readonly maxPerUser: number;
  readonly onMax: OnMaxSessions;
  readonly touchEveryMs: number;
  readonly rotationGraceMs: number;
  /** Infinity where nothing is due. */
  readonly rotateEveryMs: number;
  readonly onUnavailable: "closed" | "record";
  readonly schema: Schema<Data> | null;
}

const longestMs = 3_650 * 86_400_000;

/** @throws {Misuse} naming the option that is wrong. */
export function toSessionSettings<Data>(options: SessionsOptions<Data>): SessionSettings<Data> {
  const idleMs = toPositiveMs(options.idle, "idle");
  const absoluteMs = toPositiveMs(options.absolute, "absolute");
  const { maxPerUser = 10, onMax = "revoke-oldest", onUnavailable = "closed", schema = null } = options;
  if (absoluteMs > longestMs) {
    throw new Misuse("absolute may be 3650 days at most");
  }
  if (idleMs > absoluteMs) {
    throw new Misuse("idle must not be longer than absolute");
  }
  if (!Number.isSafeInteger(maxPerUser) || maxPerUser < 1 || maxPerUser > 100) {
    throw new Misuse(`maxPerUser must be a whole number from 1 to 100, got ${maxPerUser}`);
  }
  if (!["revoke-oldest", "revoke-idlest", "refuse"].includes(onMax)) {
    throw new Misuse(`onMax must be "revoke-oldest", "revoke-idlest" or "refuse", got "${onMax}"`);
  }
  if (onUnavailable === "record" && !options.records) {
    throw new Misuse('onUnavailable "record" needs records');
  }
  const touchEveryMs = toPositiveMs(options.touchEvery ?? Math.min(60_000, idleMs / 2), "touchEvery");
  if (touchEveryMs > idleMs / 2 && touchEveryMs > 1) {
    throw new Misuse("touchEvery must be at most half of idle, or sessions in use would end");
  }
  const rotationGraceMs = toMs(options.rotationGrace ?? "10s", "rotationGrace");
  if (rotationGraceMs > longestMs) {
    throw new Misuse("rotationGrace may be 3650 days at most");
  }
  const rotateEveryMs =
    options.rotateEvery === undefined ? Infinity : toPositiveMs(options.rotateEvery, "rotateEvery");
  return {
    idleMs,
    absoluteMs,
    maxPerUser,
    onMax,
    touchEveryMs,
    rotationGraceMs,
    rotateEveryMs,
    onUnavailable,
    schema,
  };
}

/** When a session ends that is used now. The scripts compute the same. */
export function expiryOf(nowMs: number, idleMs: number, absoluteUntilMs: number): number {
  return Math.min(nowMs + idleMs, absoluteUntilMs);
}
