import { RedisReplyError } from "../errors.ts";
import type { RedisReply } from "../port.ts";

/** How far a bucket has come. Another epoch means that its history was lost. */
export interface BucketPosition {
  readonly bucket: number;
  readonly epoch: number;
  readonly seq: number;
}

export interface FoundEntry {
  readonly state: "miss" | "stale" | "fresh" | "spoiled";
  readonly lease: "none" | "granted" | "busy";
  /** The entry with its header; empty unless it is stale or fresh. */
  readonly raw: string;
  /** For a miss: when a busy lease ends unless it is renewed. */
  readonly leaseLeftMs: number;
}

export interface ReadReply {
  readonly position: BucketPosition | null;
  readonly nowMs: number;
  readonly entries: readonly FoundEntry[];
}

const states = ["miss", "stale", "fresh", "spoiled"] as const;
const leases = ["none", "granted", "busy"] as const;

/** What `read.lua` answers. */
export function parseRead(bucket: number, reply: RedisReply): ReadReply {
  const items = listOf(reply);
  const entries: FoundEntry[] = [];
  for (let at = 3; at < items.length; at += 3) {
    const text = items[at + 2];
    entries.push({
      state: states[Number(items[at])] ?? "miss",
      lease: leases[Number(items[at + 1])] ?? "none",
      raw: typeof text === "string" ? text : "",
      leaseLeftMs: typeof text === "number" ? text : 0,
    });
  }
  return { position: positionOf(bucket, items), nowMs: Number(items[2]), entries };
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
