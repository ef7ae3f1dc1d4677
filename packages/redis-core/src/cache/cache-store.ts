import { type CoreContext, runOn } from "../context.ts";
import { RedisReplyError } from "../errors.ts";
import type { RedisReply } from "../port.ts";
import { randomBytes } from "../random.ts";
import { bucketCount, bucketOf } from "./bucket.ts";
import type { CacheSettings } from "./cache-settings.ts";
import {
  fillScript,
  invalidateScript,
  readScript,
  releaseScript,
  renewScript,
  seqsScript,
  writeScript,
} from "./scripts.ts";

/** How far a bucket has come. Another epoch means that its history was lost. */
export interface BucketPosition {
  readonly bucket: number;
  readonly epoch: string;
  readonly seq: number;
}

export interface FoundEntry {
  readonly state: "fresh" | "stale" | "miss";
  readonly lease: "granted" | "busy" | "none";
  /** When a busy lease ends unless it is renewed. */
  readonly leaseLeftMs: number;
  /** The entry with its header; empty for a miss, `!` where the key holds something else. */
  readonly raw: string;
}

export interface ReadReply {
  readonly position: BucketPosition | null;
  readonly nowMs: number;
  readonly entries: readonly FoundEntry[];
}

export interface Fill {
  readonly name: string;
  readonly freshMs: number;
  readonly graceMs: number;
  readonly tags: readonly string[];
  readonly text: string;
}

export interface FillReply {
  readonly position: BucketPosition | null;
  readonly nowMs: number;
  readonly stored: readonly boolean[];
}

/** Tags of which each bucket remembers the last invalidation; beyond it the oldest raise the floor. */
const mostTags = 10_000;

/** For calls that Redis recognises when it sees them twice, by their lease, or that are harmless to repeat. */
const repeatable = { resend: "once" } as const;

/** A namespace as Redis has it: each method is one script in one slot. */
export class CacheStore {
  readonly buckets: number;
  readonly channel: string;
  readonly #context: CoreContext;
  readonly #identity: string;
  readonly #leaseMs: number;
  readonly #metaTtlMs: number;

  constructor(context: CoreContext, settings: CacheSettings<unknown>) {
    this.#context = context;
    this.buckets = bucketCount(context.cache.capabilities.topology);
    this.#identity = `${settings.namespace}@${settings.version}.${this.buckets}`;
    this.channel = context.keys.cache.events(this.#identity);
    this.#leaseMs = settings.leaseMs;
    const longestMs = Math.max(settings.ttlMs, settings.negativeTtlMs) + settings.graceMs;
    this.#metaTtlMs = Math.max(longestMs, settings.hardTimeoutMs * 2, 3_600_000);
  }

  bucketOf(name: string): number {
    return bucketOf(name, this.buckets);
  }

  /** All names must be of one bucket. An empty token takes no lease. */
  async read(
    names: readonly string[],
    how: { readonly token: string; readonly waits?: boolean; readonly distrust?: boolean },
  ): Promise<ReadReply> {
    const bucket = this.bucketOf(names[0] ?? "");
    const reply = list(
      await runOn(
        this.#context,
        "cache",
        readScript,
        {
          keys: { meta: this.#meta(bucket) },
          args: {
            token: how.token,
            lease_ms: this.#leaseMs,
            waits: how.waits ? 1 : 0,
            distrust: how.distrust ? 1 : 0,
            new_epoch: newEpoch(),
            meta_ttl_ms: this.#metaTtlMs,
          },
          restKeys: this.#pairs(bucket, names),
        },
        repeatable,
      ),
    );
    const entries = names.map((_, index): FoundEntry => {
      const [state, lease, leaseLeftMs, raw] = reply.slice(3 + index * 4, 7 + index * 4);
      return {
        state: state === "fresh" || state === "stale" ? state : "miss",
        lease: lease === "granted" || lease === "busy" ? lease : "none",
        leaseLeftMs: Number(leaseLeftMs),
        raw: typeof raw === "string" ? raw : "",
      };
    });
    return { position: positionOf(bucket, reply), nowMs: Number(reply[2]), entries };
  }

  /** All fills must be of one bucket. `false` for one means that it was fenced. */
  async fill(token: string, fills: readonly Fill[]): Promise<FillReply> {
    const names = fills.map(({ name }) => name);
    const bucket = this.bucketOf(names[0] ?? "");
    const reply = list(
      await runOn(
        this.#context,
        "cache",
        fillScript,
        {
          keys: { meta: this.#meta(bucket) },
          args: { token, channel: this.channel },
          restKeys: this.#pairs(bucket, names),
          restArgs: fills.flatMap(({ name, freshMs, graceMs, tags, text }) => [
            freshMs,
            graceMs,
            tags.join(","),
            name,
            text,
          ]),
        },
        repeatable,
      ),
    );
    const stored = names.map((_, index) => reply[3 + index] === 1);
    return { position: positionOf(bucket, reply), nowMs: Number(reply[2]), stored };
  }

  async release(token: string, names: readonly string[], backOffMs: number): Promise<void> {
    const bucket = this.bucketOf(names[0] ?? "");
    await runOn(
      this.#context,
      "cache",
      releaseScript,
      {
        keys: {},
        args: { token, channel: this.channel, back_off_ms: backOffMs },
        restKeys: names.map((name) => this.#lease(bucket, name)),
        restArgs: names,
      },
      repeatable,
    );
  }

  /** False when none of the leases is held any more. */
  async renew(token: string, names: readonly string[]): Promise<boolean> {
    const bucket = this.bucketOf(names[0] ?? "");
    const held = await runOn(
      this.#context,
      "cache",
      renewScript,
      {
        keys: {},
        args: { token, lease_ms: this.#leaseMs },
        restKeys: names.map((name) => this.#lease(bucket, name)),
      },
      repeatable,
    );
    return held !== 0;
  }

  /**
   * Stores a value, or removes the entry where `freshMs` is 0. Only a removal is sent twice: a value that came
   * a second time could follow a removal that it had preceded.
   */
  async write(fill: Fill): Promise<BucketPosition | null> {
    const bucket = this.bucketOf(fill.name);
    const reply = await runOn(
      this.#context,
      "cache",
      writeScript,
      {
        keys: {
          meta: this.#meta(bucket),
          entry: this.#context.keys.cache.entry(this.#identity, bucket, fill.name),
          lease: this.#lease(bucket, fill.name),
        },
        args: {
          channel: this.channel,
          bucket,
          key: fill.name,
          new_epoch: newEpoch(),
          meta_ttl_ms: this.#metaTtlMs,
          fresh_ms: fill.freshMs,
          grace_ms: fill.graceMs,
          tags: fill.tags.join(","),
          text: fill.text,
        },
      },
      fill.freshMs === 0 ? repeatable : {},
    );
    return positionOf(bucket, list(reply));
  }

  /** Invalidates by tags in every bucket, or everything when there is none. Idempotent. */
  async invalidate(tags: readonly string[]): Promise<(BucketPosition | null)[]> {
    return await Promise.all(
      Array.from({ length: this.buckets }, async (_, bucket) => {
        const reply = await runOn(
          this.#context,
          "cache",
          invalidateScript,
          {
            keys: { meta: this.#meta(bucket) },
            args: {
              channel: this.channel,
              bucket,
              new_epoch: newEpoch(),
              meta_ttl_ms: this.#metaTtlMs,
              most_tags: mostTags,
            },
            restArgs: tags,
          },
          repeatable,
        );
        return positionOf(bucket, list(reply));
      }),
    );
  }

  async position(bucket: number): Promise<BucketPosition | null> {
    const keys = { meta: this.#meta(bucket) };
    return positionOf(bucket, list(await runOn(this.#context, "cache", seqsScript, { keys, args: {} })));
  }

  #meta(bucket: number): string {
    return this.#context.keys.cache.meta(this.#identity, bucket);
  }

  #lease(bucket: number, name: string): string {
    return this.#context.keys.cache.lease(this.#identity, bucket, name);
  }

  #pairs(bucket: number, names: readonly string[]): string[] {
    return names.flatMap((name) => [
      this.#context.keys.cache.entry(this.#identity, bucket, name),
      this.#lease(bucket, name),
    ]);
  }
}

function newEpoch(): number {
  return randomBytes(6).reduce((number, byte) => number * 256 + byte, 0);
}

function positionOf(bucket: number, [epoch, seq]: readonly RedisReply[]): BucketPosition | null {
  return typeof epoch === "string" && epoch !== "" ? { bucket, epoch, seq: Number(seq) } : null;
}

function list(reply: RedisReply): RedisReply[] {
  if (!Array.isArray(reply)) {
    throw new RedisReplyError("ERR a cache script answered something unexpected");
  }
  return reply;
}
