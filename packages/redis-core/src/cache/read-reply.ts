import { RedisReplyError } from "../errors.ts";
import type { RedisReply } from "../port.ts";

/** How far a bucket has come. Another epoch means that its history was lost. */
export interface BucketPosition {
  readonly bucket: number;
  readonly epoch: number;
  readonly seq: number;
}

/** What a read found out once for all its entries. */
export interface ReadMoment {
  readonly position: BucketPosition | null;
  readonly nowMs: number;
  /** Holds the leases that were granted. */
  readonly token: string;
}

export interface FoundEntry {
  readonly state: "miss" | "stale" | "fresh" | "spoiled";
  readonly lease: "none" | "granted" | "busy";
  /** The entry with its header; empty unless it is stale or fresh. */
  readonly raw: string;
  /** For a miss: when a busy lease ends unless it is renewed. */
  readonly leaseLeftMs: number;
  readonly moment: ReadMoment;
}

const states = ["miss", "stale", "fresh", "spoiled"] as const;
const leases = ["none", "granted", "busy"] as const;

/** What `read.lua` answers, an entry for each name. */
export function parseRead(bucket: number, token: string, reply: RedisReply): FoundEntry[] {
  const items = listOf(reply);
  const moment = { position: positionOf(bucket, items), nowMs: Number(items[2]), token };
  return items.slice(3).map((item): FoundEntry => {
    if (typeof item === "string") {
      return { state: "fresh", lease: "none", raw: item, leaseLeftMs: 0, moment };
    }
    const [state, lease, text] = listOf(item);
    return {
      state: states[Number(state)] ?? "miss",
      lease: leases[Number(lease)] ?? "none",
      raw: typeof text === "string" ? text : "",
      leaseLeftMs: typeof text === "number" ? text : 0,
      moment,
    };
  });
}

/** Null where the bucket has no history. */
export function positionOf(bucket: number, [epoch, seq]: readonly RedisReply[]): BucketPosition | null {
  return typeof epoch === "number" && epoch !== 0 ? { bucket, epoch, seq: Number(seq) } : null;
}

export function listOf(reply: RedisReply): readonly RedisReply[] {
  if (!Array.isArray(reply)) {
    throw new RedisReplyError("ERR a cache script answered something unexpected");
  }
  return reply;
}
