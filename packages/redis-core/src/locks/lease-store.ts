import { RedisReplyError } from "../errors.ts";
import type { RedisReply } from "../port.ts";
import type { HeldLockRecord } from "./held-lock.ts";
import type { LockState } from "./lock-state.ts";

/** One attempt to take a lease. */
export interface LeaseRequest {
  /** Random name of the attempt, by which Redis recognises it when it comes twice. */
  readonly holder: string;
  readonly leaseMs: number;
  /** The lowest fencing token that may be given, in decimal. */
  readonly floor: string;
  /** Who will wait when it is busy; `""`: nobody. */
  readonly waiter: string;
  readonly waitingMs: number;
}

/** The fencing token in decimal; or, while it is busy, the milliseconds after which it may not be. */
export type LeaseAnswer = string | number;

/**
 * What Redis keeps of a lock, of several locks, of a semaphore, or of one side of a read-write lock: how a lease
 * is taken, renewed and given back. Each method is one round trip, safe to repeat.
 */
export interface LeaseStore {
  /** What its owner calls it. */
  readonly name: string;
  /** Its names in the epoch store, where all kinds are side by side. */
  readonly epochNames: readonly string[];
  /** Where a release is told. */
  readonly channels: readonly string[];
  /** The callers that wait for the same wait together, and the first of them is woken. */
  readonly room: string;
  /** Several may hold at once, so who was woken and served wakes the next. */
  readonly isShared: boolean;
  acquire(request: LeaseRequest): Promise<LeaseAnswer>;
  /** False when it had ended. */
  renew(record: HeldLockRecord, durationMs: number, deadlineMs?: number): Promise<boolean>;
  /** True when that holder had it until now. */
  release(holder: string): Promise<boolean>;
  /** Frees what an attempt took, or sees to it that it takes nothing when it arrives late. */
  giveUp(holder: string): Promise<void>;
  inspect(): Promise<LockState>;
  /** How many holders lost it. */
  forceRelease(): Promise<number>;
  /** Gives a place in a queue up, where there is one. */
  stopWaiting?(waiter: string): Promise<void>;
}

/** What keeps a lease that was given. */
export type KeptLease = Pick<LeaseStore, "name" | "epochNames" | "isShared" | "renew" | "release" | "giveUp">;

/** Reads a fencing token, or for how long it is busy. */
export function toLeaseAnswer(script: string, reply: RedisReply): LeaseAnswer {
  if (typeof reply === "number") {
    return reply > 0 ? String(reply) : -reply;
  }
  // The scripts for several holders answer `{token or '', ms}`.
  const [token, ms] = Array.isArray(reply) ? reply : [];
  if (typeof token !== "string" || typeof ms !== "number") {
    throw new RedisReplyError(`${script} answered ${JSON.stringify(reply)}`);
  }
  return token === "" ? ms : token;
}
