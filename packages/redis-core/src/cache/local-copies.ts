import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.ts";
import type { CacheChange } from "./cache-events.ts";
import type { BucketPosition } from "./read-reply.ts";
import type { SharedValue } from "./shared-value.ts";

export interface LocalCopy {
  readonly value: SharedValue;
  readonly tags: readonly string[];
  /** By the local clock. */
  readonly createdAtMs: number;
  /** By the local clock: the end of freshness or of `l1.ttl`, whichever is earlier. */
  readonly untilMs: number;
  /** Where the bucket stood when Redis said that the entry was valid. */
  readonly validAt: BucketPosition;
}

interface KeptCopy extends LocalCopy {
  readonly view: BucketView;
  /** No tag of the copy was invalidated up to this seq. */
  provenSeq: number;
}

/** What this process knows of a bucket since the last hole in its history. */
interface BucketView {
  readonly epoch: number;
  /** True once another view has taken its place: its copies are not served any more. */
  ended: boolean;
  /** The last change applied here, all earlier ones included. */
  appliedSeq: number;
  /** The furthest position any reply or message has shown. */
  newestSeq: number;
  /** When a reply first showed changes whose messages had not come; null while none is missing. */
  behindSinceMs: number | null;
  /** Tag → seq of its last invalidation since this view began. */
  readonly tags: Map<string, number>;
  /** The last of them. */
  lastTagSeq: number;
}

/** A message that is later than this counts as lost. */
const lateMs = 1_000;

/** More remembered invalidations than this are replaced by a flush. */
const mostTags = 5_000;

/**
 * Copies of entries in this process (L1). A copy is served only while the bucket's history is known without
 * a hole: a missing message flushes the bucket, a lost connection everything.
 */
export class LocalCopies {
  readonly #copies: LRUCache<string, KeptCopy>;
  readonly #ttlMs: number;
  readonly #clock: Clock;
  readonly #views = new Map<number, BucketView>();
  /** Rises with each gap. Replies to questions asked before one prove nothing after it. 0: not subscribed. */
  #generation = 0;

  constructor(max: number, ttlMs: number, clock: Clock) {
    this.#copies = new LRUCache({ max });
    this.#ttlMs = ttlMs;
    this.#clock = clock;
  }

  /** To be taken before asking Redis and handed to `keep` or `observe` with the answer. */
  get generation(): number {
    return this.#generation;
  }

  find(key: string): LocalCopy | null {
    const copy = this.#copies.get(key);
    if (!copy) {
      return null;
    }
    const { view } = copy;
    const nowMs = this.#clock.nowMs();
    if (view.ended || nowMs >= copy.untilMs) {
      this.#copies.delete(key);
      return null;
    }
    if (view.behindSinceMs !== null && nowMs - view.behindSinceMs > lateMs) {
      this.#startView(copy.validAt.bucket, view.epoch, view.newestSeq);
      return null;
    }
    if (copy.provenSeq < view.lastTagSeq) {
      if (copy.tags.some((tag) => (view.tags.get(tag) ?? 0) > copy.validAt.seq)) {
        this.#copies.delete(key);
        return null;
      }
      copy.provenSeq = view.lastTagSeq;
    }
    return copy;
  }

  /** Keeps what Redis answered, unless something newer is known or the question predates a gap. */
  keep(
    key: string,
    generation: number,
    copy: Pick<LocalCopy, "value" | "tags" | "validAt"> & {
      readonly ageMs: number;
      readonly freshLeftMs: number;
    },
  ): void {
    const view = this.observe(generation, copy.validAt) ? this.#views.get(copy.validAt.bucket) : undefined;
    if (!view || copy.freshLeftMs <= 0) {
      return;
    }
    const { value, tags, validAt, ageMs, freshLeftMs } = copy;
    const nowMs = this.#clock.nowMs();
    const untilMs = nowMs + Math.min(this.#ttlMs, freshLeftMs);
    const kept = { value, tags, validAt, createdAtMs: nowMs - ageMs, untilMs, view, provenSeq: validAt.seq };
    this.#copies.set(key, kept);
  }

  /** Notes how far a bucket has come. False when the answer is older than what is known. */
  observe(generation: number, at: BucketPosition): boolean {
    if (generation === 0 || generation !== this.#generation) {
      return false;
    }
    const view = this.#views.get(at.bucket);
    if (!view) {
      this.#startView(at.bucket, at.epoch, at.seq);
      return true;
    }
    if (view.epoch !== at.epoch) {
      // Old or new, the two cannot be ordered: the copies go, and the next message or check settles it.
      this.#startView(at.bucket, at.epoch, at.seq);
      return false;
    }
    if (at.seq < view.newestSeq) {
      return false;
    }
    view.newestSeq = at.seq;
    if (at.seq > view.appliedSeq) {
      view.behindSinceMs ??= this.#clock.nowMs();
    }
    return true;
  }

  /** As `observe`, for an answer that is only asked for to find lost messages: a difference flushes. */
  check(generation: number, at: BucketPosition): void {
    const view = this.#views.get(at.bucket);
    if (generation !== this.#generation || !view) {
      return;
    }
    if (view.epoch !== at.epoch || at.seq > view.appliedSeq) {
      this.#startView(at.bucket, at.epoch, Math.max(at.seq, view.epoch === at.epoch ? view.newestSeq : 0));
    }
  }

  apply(change: CacheChange): void {
    const { at } = change;
    const view = this.#views.get(at.bucket);
    if (!view || view.epoch !== at.epoch || at.seq > view.appliedSeq + 1) {
      this.#startView(at.bucket, at.epoch, at.seq);
      return;
    }
    view.appliedSeq = Math.max(view.appliedSeq, at.seq);
    view.newestSeq = Math.max(view.newestSeq, at.seq);
    if (view.appliedSeq === view.newestSeq) {
      view.behindSinceMs = null;
    }
    if (change.kind === "key") {
      this.#copies.delete(change.key);
    } else if (change.kind === "all" || view.tags.size + change.tags.length > mostTags) {
      this.#startView(at.bucket, at.epoch, view.newestSeq);
    } else {
      noteTags(view, change.tags, at.seq);
    }
  }

  /** Applies a change this process made, before its own message has come back. */
  applyOwn(change: CacheChange): void {
    const view = this.#views.get(change.at.bucket);
    if (change.kind === "key") {
      this.#copies.delete(change.key);
    } else if (view && (change.kind === "all" || view.epoch !== change.at.epoch)) {
      this.#startView(change.at.bucket, change.at.epoch, change.at.seq);
    } else if (view && change.kind === "tags") {
      noteTags(view, change.tags, change.at.seq);
    }
    this.observe(this.#generation, change.at);
  }

  ageMs(copy: LocalCopy): number {
    return this.#clock.nowMs() - copy.createdAtMs;
  }

  forget(key: string): void {
    this.#copies.delete(key);
  }

  /** Drops everything: after a gap, and when the subscription first stands. */
  restart(): void {
    this.#generation += 1;
    this.clear();
  }

  clear(): void {
    this.#copies.clear();
    this.#views.clear();
  }

  /** Buckets of which there may be copies. */
  buckets(): number[] {
    return [...this.#views.keys()];
  }

  /** Copies of the view before are found to be over when they are next looked for. */
  #startView(bucket: number, epoch: number, seq: number): void {
    const before = this.#views.get(bucket);
    if (before) {
      before.ended = true;
    }
    this.#views.set(bucket, {
      epoch,
      ended: false,
      appliedSeq: seq,
      newestSeq: seq,
      behindSinceMs: null,
      tags: new Map(),
      lastTagSeq: 0,
    });
  }
}

function noteTags(view: BucketView, tags: readonly string[], seq: number): void {
  for (const tag of tags) {
    view.tags.set(tag, Math.max(view.tags.get(tag) ?? 0, seq));
  }
  view.lastTagSeq = Math.max(view.lastTagSeq, seq);
}
