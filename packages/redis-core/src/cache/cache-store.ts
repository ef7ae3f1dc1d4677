import { type CoreContext, runOn } from "../context.ts";
import type { RedisReply } from "../port.ts";
import { randomBytes } from "../random.ts";
import { bucketCount, bucketOf } from "./bucket.ts";
import type { CacheSettings } from "./cache-settings.ts";
import { entryFormat } from "./entry-text.ts";
import { type BucketPosition, type FoundEntry, listOf, parseRead, positionOf } from "./read-reply.ts";
import {
  expireScript,
  fillScript,
  invalidateScript,
  readScript,
  releaseScript,
  renewScript,
  seqsScript,
  writeScript,
} from "./scripts.ts";

/**
 * How a read takes the lease of what it does not find: only if nobody has it (`read`), marking whoever has it so
 * that its end is published (`wait`), the same but taking the entry for absent (`distrust`), or from its holder
 * (`force`).
 */
export type ReadMode = "read" | "wait" | "distrust" | "force";

export interface ReadManner {
  /** Identifies the reader as a lease holder; empty takes no lease. */
  readonly token: string;
  readonly mode: ReadMode;
  /** Factor of its load time by which an entry counts as ended before its end. */
  readonly early: number;
}

export interface Fill {
  readonly name: string;
  readonly freshMs: number;
  readonly graceMs: number;
  /** How long the loader took. */
  readonly loadMs: number;
  readonly tags: readonly string[];
  readonly text: string;
}

export interface FillReply {
  readonly position: BucketPosition | null;
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
  /** Versions have entries of their own, and share what invalidates them. */
  readonly #identity: string;
  readonly #version: string;
  readonly #leaseMs: number;
  readonly #metaTtlMs: number;
  readonly #manners: Readonly<Record<ReadMode, string>>;

  constructor(context: CoreContext, settings: CacheSettings<unknown>) {
    this.#context = context;
    this.buckets = bucketCount(context.cache.capabilities.topology);
    this.#identity = `${settings.namespace}.${this.buckets}`;
    this.#version = `${settings.version}.${entryFormat}`;
    this.channel = context.keys.cache.events(this.#identity);
    this.#leaseMs = settings.leaseMs;
    const longestMs = Math.max(settings.ttlMs, settings.negativeTtlMs) + settings.graceMs;
    this.#metaTtlMs = Math.max(longestMs, settings.hardTimeoutMs * 2, 3_600_000);
    const manner = (mode: ReadMode) => `${mode} ${settings.leaseMs} ${this.#metaTtlMs}`;
    this.#manners = {
      read: manner("read"),
      wait: manner("wait"),
      distrust: manner("distrust"),
      force: manner("force"),
    };
  }

  bucketOf(name: string): number {
    return bucketOf(name, this.buckets);
  }

  /** What `read` needs of an entry: its key, and that of its lease where one may be taken. */
  readKeys(bucket: number, name: string, leases: boolean): string[] {
    if (leases) {
      return this.#pair(bucket, name);
    }
    return [this.#context.keys.cache.entry(this.#identity, bucket, this.#version, name)];
  }

  /** Entries of one bucket, by their `readKeys`. */
  async read(bucket: number, keys: readonly string[], { token, mode, early }: ReadManner): Promise<FoundEntry[]> {
    const reply = await runOn(
      this.#context,
      "cache",
      readScript,
      {
        keys: { meta: this.#meta(bucket) },
        args: { token, early, manner: this.#manners[mode] },
        restKeys: keys,
      },
      repeatable,
    );
    return parseRead(bucket, token, reply);
  }

  /**
   * All fills must be of one bucket. `false` for one means that it was fenced. `announced` ones replace values of
   * which other processes may have copies.
   */
  async fill(token: string, fills: readonly Fill[], announced = false): Promise<FillReply> {
    const names = fills.map(({ name }) => name);
    const bucket = this.bucketOf(names[0] ?? "");
    const reply = listOf(
      await runOn(
        this.#context,
        "cache",
        fillScript,
        {
          keys: { meta: this.#meta(bucket) },
          args: { token, channel: this.channel, announce: announced ? bucket : "" },
          restKeys: this.#pairs(bucket, names),
          restArgs: fills.flatMap(({ name, freshMs, graceMs, loadMs, tags, text }) => [
            freshMs,
            graceMs,
            loadMs,
            tags.join(","),
            name,
            text,
          ]),
        },
        repeatable,
      ),
    );
    const stored = names.map((_, index) => reply[3 + index] === 1);
    return { position: positionOf(bucket, reply), stored };
  }

  async release(token: string, names: readonly string[], backOffMs: number): Promise<void> {
    await runOn(
      this.#context,
      "cache",
      releaseScript,
      {
        keys: {},
        args: { token, channel: this.channel, back_off_ms: backOffMs },
        restKeys: this.#leases(names),
        restArgs: names,
      },
      repeatable,
    );
  }

  /** False when none of the leases is held any more. */
  async renew(token: string, names: readonly string[]): Promise<boolean> {
    const input = { keys: {}, args: { token, lease_ms: this.#leaseMs }, restKeys: this.#leases(names) };
    return (await runOn(this.#context, "cache", renewScript, input, repeatable)) !== 0;
  }

  /**
   * Stores a value, or removes the entry where `freshMs` is 0. Only a removal is sent twice: a value that came
   * a second time could follow a removal that it had preceded.
   */
  async write(fill: Fill): Promise<BucketPosition | null> {
    const bucket = this.bucketOf(fill.name);
    const [entry, lease] = this.#pair(bucket, fill.name);
    const args = {
      channel: this.channel,
      bucket,
      key: fill.name,
      new_epoch: newEpoch(),
      meta_ttl_ms: this.#metaTtlMs,
      fresh_ms: fill.freshMs,
      grace_ms: fill.graceMs,
      tags: fill.tags.join(","),
      text: fill.text,
    };
    const options = fill.freshMs === 0 ? repeatable : undefined;
    const input = { keys: { meta: this.#meta(bucket), entry, lease }, args };
    return positionOf(bucket, listOf(await runOn(this.#context, "cache", writeScript, input, options)));
  }

  /** Ends the entry's freshness, and leaves it its grace. */
  async expire(name: string): Promise<BucketPosition | null> {
    const bucket = this.bucketOf(name);
    const [entry, lease] = this.#pair(bucket, name);
    const args = { channel: this.channel, bucket, key: name };
    const input = { keys: { meta: this.#meta(bucket), entry, lease }, args };
    return positionOf(bucket, listOf(await runOn(this.#context, "cache", expireScript, input, repeatable)));
  }

  /** Marks the tags in every bucket as invalid or stale, or everything invalid when there is none. Idempotent. */
  async invalidate(
    tags: readonly string[],
    mode: "delete" | "expire" = "delete",
  ): Promise<(BucketPosition | null)[]> {
    return await Promise.all(
      Array.from({ length: this.buckets }, async (_, bucket) => {
        const args = {
          channel: this.channel,
          bucket,
          new_epoch: newEpoch(),
          meta_ttl_ms: this.#metaTtlMs,
          most_tags: mostTags,
          mark: mode === "expire" ? "x" : "t",
        };
        const input = { keys: { meta: this.#meta(bucket) }, args, restArgs: tags };
        const reply: RedisReply = await runOn(this.#context, "cache", invalidateScript, input, repeatable);
        return positionOf(bucket, listOf(reply));
      }),
    );
  }

  async position(bucket: number): Promise<BucketPosition | null> {
    const input = { keys: { meta: this.#meta(bucket) }, args: {} };
    return positionOf(bucket, listOf(await runOn(this.#context, "cache", seqsScript, input)));
  }

  #meta(bucket: number): string {
    return this.#context.keys.cache.meta(this.#identity, bucket);
  }

  #pair(bucket: number, name: string): [entry: string, lease: string] {
    const { cache } = this.#context.keys;
    return [
      cache.entry(this.#identity, bucket, this.#version, name),
      cache.lease(this.#identity, bucket, this.#version, name),
    ];
  }

  #pairs(bucket: number, names: readonly string[]): string[] {
    return names.flatMap((name) => this.#pair(bucket, name));
  }

  #leases(names: readonly string[]): string[] {
    return names.map((name) => this.#pair(this.bucketOf(name), name)[1]);
  }
}

/** Any integer above 0 that was never an epoch before. */
function newEpoch(): number {
  return randomBytes(6).reduce((number, byte) => number * 256 + byte, 0) + 1;
}
