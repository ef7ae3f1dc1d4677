import { RedisReplyError } from "../errors.ts";
import type { RedisReply } from "../port.ts";

/** One who holds a lock, as operators may see it. */
export interface LockHolder {
  /** What the holder's `owner` option said; `null` when it said nothing. */
  readonly owner: string | null;
  /** Milliseconds until its lease ends, unless it is renewed. */
  readonly leaseEndsInMs: number;
  /** The same by the server's clock. */
  readonly leaseEndsAtMs: number;
}

/** What Redis knows of a lock at one moment. It may be over when it is read: never a reason to go ahead. */
export interface LockState {
  readonly isHeld: boolean;
  /** One for a lock, up to `permits` for a semaphore, all readers or one writer; for several locks, one each. */
  readonly holders: readonly LockHolder[];
  /** Of the newest grant, over or not; `0n` when there was none in the last 30 days. */
  readonly lastToken: bigint;
  /** Somebody waits, or did so until lately. */
  readonly isWaitedFor: boolean;
}

/** Between the secret name of a holder and the owner it shows. */
const ownerMark = "~";

export function withOwner(holder: string, owner: string | undefined): string {
  return owner === undefined ? holder : `${holder}${ownerMark}${owner}`;
}

/** Reads the reply of `locks/inspect`. */
export function toStateOfLocks(reply: RedisReply): LockState {
  const [nowMs, ...locks] = asList(reply);
  const rows = locks.map(asList);
  const holders = rows
    .filter(([holder]) => holder !== "")
    .map(([holder, , endsAtMs]) => toHolder(holder, endsAtMs, Number(nowMs)));
  const tokens = rows.map(([, token]) => BigInt(String(token)));
  return {
    isHeld: holders.length > 0,
    holders,
    lastToken: tokens.reduce((highest, token) => (token > highest ? token : highest), 0n),
    isWaitedFor: rows.some(([, , , isWaitedFor]) => isWaitedFor === 1),
  };
}

/** Reads the reply of `locks/holders-inspect`. */
export function toStateOfHolders(reply: RedisReply): LockState {
  const [nowMs, token, isWaitedFor, ...pairs] = asList(reply);
  const holders: LockHolder[] = [];
  for (let index = 0; index < pairs.length; index += 2) {
    holders.push(toHolder(pairs[index], pairs[index + 1], Number(nowMs)));
  }
  return {
    isHeld: holders.length > 0,
    holders,
    lastToken: BigInt(String(token)),
    isWaitedFor: isWaitedFor === 1,
  };
}

/** Several locks on several nodes, seen as one. */
export function mergeStates(states: readonly LockState[]): LockState {
  return {
    isHeld: states.some(({ isHeld }) => isHeld),
    holders: states.flatMap(({ holders }) => holders),
    lastToken: states.reduce((highest, { lastToken }) => (lastToken > highest ? lastToken : highest), 0n),
    isWaitedFor: states.some(({ isWaitedFor }) => isWaitedFor),
  };
}

function toHolder(holder: RedisReply | undefined, endsAt: RedisReply | undefined, nowMs: number): LockHolder {
  const [, owner = null] = String(holder).split(ownerMark);
  const leaseEndsAtMs = Number(endsAt);
  return { owner, leaseEndsInMs: leaseEndsAtMs - nowMs, leaseEndsAtMs };
}

function asList(reply: RedisReply | undefined): RedisReply[] {
  if (!Array.isArray(reply)) {
    throw new RedisReplyError(`the state of a lock was answered as ${JSON.stringify(reply)}`);
  }
  return reply;
}
