import { RedisReplyError } from "../errors.ts";
import type { RedisReply } from "../port.ts";
import type { HeldLockRecord } from "./held-lock.ts";

/** One attempt to take a lease. */
export interface LeaseRequest {
  /** Random name of the attempt, by which Redis recognises it when it comes twice. */
  readonly holder: string;
  readonly leaseMs: number;
  /** The lowest fencing token that may be given. */
  readonly floor: bigint;
  /** Who will wait when it is busy; `""`: nobody. */
  readonly waiter: string;
  readonly waitingMs: number;
}

/** `token` is the fencing token in decimal, or `null` while it is busy. */
export type LeaseAnswer =
  | { readonly token: string }
  | { readonly token: null; readonly busyForMs: number };

/**
 * What Redis keeps of a lock, a semaphore, or one side of a read-write lock: how a lease is taken, renewed
 * and given back. Each method is one round trip, safe to repeat.
 */
export interface LeaseStore {
  /** What its owner calls it. */
  readonly name: string;
  /** Its name in the epoch store, where all kinds are side by side. */
  readonly epochName: string;
  /** Where a release is told. */
  readonly channel: string;
  /** The callers that wait for the same wait together, and the first of them is woken. */
  readonly room: string;
  /** Several may hold at once, so who was woken and served wakes the next. */
  readonly isShared: boolean;
  acquire(request: LeaseRequest, signal: AbortSignal | undefined): Promise<LeaseAnswer>;
  /** False when it had ended. */
  renew(record: HeldLockRecord, durationMs: number, deadlineMs?: number): Promise<boolean>;
  /** True when that holder had it until now. */
  release(holder: string): Promise<boolean>;
  /** Gives a place in a queue up, where there is one. */
  stopWaiting?(waiter: string): Promise<void>;
}

/** Reads `{token or '', ms}`. */
export function toLeaseAnswer(script: string, reply: RedisReply): LeaseAnswer {
  const [token, ms] = Array.isArray(reply) ? reply : [];
  if (typeof token !== "string" || typeof ms !== "number") {
    throw new RedisReplyError(`${script} answered ${JSON.stringify(reply)}`);
  }
  return token === "" ? { token: null, busyForMs: ms } : { token };
}
