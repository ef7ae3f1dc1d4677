import type { RoomHead } from "@cardinal/db";
import type { ChannelSubscription } from "@cardinal/redis-core/channel";
import type { AppDeps } from "../deps/app-deps.ts";
import { type DomainError, RoomNotFound } from "../errors/domain-errors.ts";
import type { RoomEvent } from "../routers/chat/schemas.ts";
import { EventRing } from "./event-ring.ts";
import { type RoomBatch, RoomBatches } from "./room-batches.ts";
import type { RoomCursor } from "./room-cursor.ts";
import { EVENTS_PER_BATCH, RoomLog } from "./room-log.ts";
import { RoomTypists } from "./room-typists.ts";

export type { RoomBatch } from "./room-batches.ts";

export type RoomTopicDeps = Pick<AppDeps, "db" | "doorbells" | "log" | "telemetry">;

/** Further behind than this, and a client refetches its page instead of replaying. */
export const MOST_BEHIND = 5_000;
/** Two processes publish out of order all the time: a hole this young closes by itself. */
const HOLE_WAIT_MS = 20;
/**
 * A room that so many follow in this process rests after each fan-out, for each of them so long, and at most so long:
 * there bursts travel as batches, and the room takes about half of the process at most. In any other no message waits.
 */
const MANY_FOLLOWERS = 500;
const REST_MS_EACH = 0.01;
const LONGEST_REST_MS = 15;
/** How long a stream waits for Redis before it goes on with the log alone. */
const ACKNOWLEDGED_WITHIN_MS = 1_500;

/** One stream that follows a room. */
export interface RoomFollower {
  /** There is something to read. */
  wake(): void;
  /** The stream must end with this. */
  cut(why: DomainError): void;
}

/**
 * One room in this process: its head, its newest events and who follows. The log in the database is the truth and
 * the doorbell only says that there is more, so what is delivered is contiguous however messages are lost, doubled
 * or swapped. Followers hold no queues: each reads on from its own place, from the ring or else from the log.
 */
export class RoomTopic {
  readonly roomId: string;
  readonly #deps: RoomTopicDeps;
  readonly #log: RoomLog;
  readonly #ring = new EventRing();
  readonly #batches = new RoomBatches();
  readonly #followers = new Set<RoomFollower>();
  /** Events that came before those between them and the head. */
  readonly #early = new Map<number, RoomEvent>();
  /** Who is writing here. */
  readonly typists = new RoomTypists(() => this.#wakeAll());
  readonly #subscriptions: ChannelSubscription[] = [];
  #epoch = "";
  #head = 0;
  #holeTimer: NodeJS.Timeout | undefined;
  #isWaking = false;
  #wakeTimer: NodeJS.Timeout | undefined;
  #restsUntilMs = 0;
  #filling: Promise<void> | undefined;
  #isAcknowledged = false;
  #isClosed = false;

  constructor(deps: RoomTopicDeps, roomId: string) {
    this.#deps = deps;
    this.#log = new RoomLog(deps.db, roomId);
    this.roomId = roomId;
  }

  /**
   * Subscribes, waits for the acknowledgement, then reads the head: an event is either in the log by then or rings.
   * Without Redis the topic opens all the same and lives by the periodic check.
   */
  static async open(deps: RoomTopicDeps, roomId: string): Promise<RoomTopic> {
    const topic = new RoomTopic(deps, roomId);
    await topic.#subscribe();
    await topic.#load();
    return topic;
  }

  get epoch(): string {
    return this.#epoch;
  }

  get head(): number {
    return this.#head;
  }

  get isAcknowledged(): boolean {
    return this.#isAcknowledged;
  }

  follow(follower: RoomFollower): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Whether everything after a cursor may still be had. */
  canReplay({ epoch, seq }: RoomCursor): boolean {
    return epoch === this.#epoch && seq <= this.#head && this.#head - seq <= MOST_BEHIND;
  }

  /** The next events after a place that is before the head, or null when they have to be read: `loadAfter`. */
  batchAfter(afterSeq: number): RoomBatch | null {
    const kept = this.#batches.at(afterSeq);
    if (kept !== undefined) {
      return kept;
    }
    const following = this.#ring.after(afterSeq, EVENTS_PER_BATCH);
    return following === null ? null : this.#batches.keep(afterSeq, following);
  }

  /** As `batchAfter`, from the log. Null: they are not to be had without a gap. */
  async loadAfter(afterSeq: number): Promise<RoomBatch | null> {
    if (this.#head - afterSeq > MOST_BEHIND) {
      return null;
    }
    const epoch = this.#epoch;
    const events = await this.#log.page(afterSeq, epoch);
    return events === null || epoch !== this.#epoch ? null : this.#batches.keep(afterSeq, events);
  }

  /** Reads from the log whatever is past the head. One read at a time, however many ask. */
  fill(): Promise<void> {
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined;
    });
    return this.#filling;
  }

  /** What the periodic check found: where the log stands. Whose membership has ended is `MemberWatch`'s to see. */
  check(head: RoomHead | undefined): void {
    // Whoever catches up next reads anew; nobody may, and this may be megabytes.
    this.#log.forgetPages();
    this.#batches.clear();
    if (head === undefined) {
      for (const follower of this.#followers) {
        follower.cut(new RoomNotFound());
      }
      return;
    }
    if (head.epoch !== this.#epoch || head.headSeq !== this.#head) {
      this.#fillInBackground();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#holeTimer);
    clearTimeout(this.#wakeTimer);
    this.typists.close();
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
  }

  async #subscribe(): Promise<void> {
    const subscribed = this.#deps.doorbells.room(this.roomId).subscribe((event) => this.#receive(event), {
      onGap: () => this.#fillInBackground(),
    });
    const acknowledged = subscribed.then(
      (subscription) => {
        this.#keep(subscription);
        this.#isAcknowledged = true;
        if (!this.#isClosed && this.#epoch !== "") {
          this.#fillInBackground();
        }
      },
      (error: unknown) => {
        this.#deps.log.warn({ err: error, roomId: this.roomId }, "live: no doorbell; the room is polled");
      },
    );
    // Nobody waits for this one: what it says is soon stale anyway.
    this.#deps.doorbells
      .typing(this.roomId)
      .subscribe((typing) => this.typists.hear(typing))
      .then((subscription) => this.#keep(subscription))
      .catch(() => {});
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ACKNOWLEDGED_WITHIN_MS);
    await Promise.race([acknowledged, late]);
    clearTimeout(timer);
  }

  #keep(subscription: ChannelSubscription): void {
    this.#subscriptions.push(subscription);
    if (this.#isClosed) {
      void subscription.close();
    }
  }

  async #load(): Promise<void> {
    try {
      const { head, events } = await this.#log.newest();
      this.#epoch = head.epoch;
      this.#head = head.headSeq;
      for (const event of events) {
        this.#ring.push(event);
      }
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#drainEarly();
  }

  #receive(event: RoomEvent): void {
    if (this.#epoch === "" || event.seq > this.#head) {
      this.#early.set(event.seq, event);
      this.#drainEarly();
    }
  }

  /** Takes what follows the head; a hole left over is filled from the log, unless it closes first. */
  #drainEarly(): void {
    if (this.#epoch === "") {
      return;
    }
    const before = this.#head;
    for (const seq of this.#early.keys()) {
      if (seq <= this.#head) {
        this.#early.delete(seq);
      }
    }
    for (let next = this.#early.get(this.#head + 1); next; next = this.#early.get(this.#head + 1)) {
      this.#early.delete(next.seq);
      this.#append(next);
    }
    if (this.#head > before) {
      this.#deps.telemetry.roomEvents("doorbell", this.#head - before);
    }
    if (this.#early.size > 0 && !this.#holeTimer && !this.#isClosed) {
      this.#holeTimer = setTimeout(() => {
        this.#holeTimer = undefined;
        this.#fillInBackground();
      }, HOLE_WAIT_MS);
      this.#holeTimer.unref();
    } else if (this.#early.size === 0) {
      clearTimeout(this.#holeTimer);
      this.#holeTimer = undefined;
    }
    if (this.#head !== before) {
      this.#wakeAll();
    }
  }

  async #fill(): Promise<void> {
    for (;;) {
      const from = this.#head;
      const { head, events } = await this.#log.after(from);
      // Compared with where the read began: the doorbell may have moved the head on meanwhile.
      const isOther = head.epoch !== this.#epoch || head.headSeq < from;
      const isCut = head.headSeq > from && events[0]?.seq !== from + 1;
      if (isOther || isCut || head.headSeq - from > MOST_BEHIND) {
        this.#jumpTo(head);
        return;
      }
      const before = this.#head;
      for (const event of events) {
        // The doorbell may have delivered some of them meanwhile.
        if (event.seq === this.#head + 1) {
          this.#append(event);
        }
      }
      if (this.#head > before) {
        this.#deps.telemetry.roomEvents("filled", this.#head - before);
      }
      this.#drainEarly();
      if (events.length > 0) {
        this.#wakeAll();
      }
      if (this.#head >= head.headSeq) {
        return;
      }
    }
  }

  #fillInBackground(): void {
    if (this.#isClosed || this.#epoch === "") {
      return;
    }
    this.fill().catch((error: unknown) => {
      this.#deps.log.warn({ err: error, roomId: this.roomId }, "live: the room's log could not be read; later");
    });
  }

  /** The log is another one, or far ahead: followers find that they cannot read on, and reset. */
  #jumpTo(head: RoomHead): void {
    this.#ring.clear();
    this.#batches.clear();
    this.#early.clear();
    this.#epoch = head.epoch;
    this.#head = head.headSeq;
    this.#wakeAll();
  }

  #append(event: RoomEvent): void {
    this.#head = event.seq;
    this.#ring.push(event);
    this.#batches.clear();
    if (event.kind === "message") {
      this.typists.forget(event.message.author.id);
    }
  }

  /** At once, or when the room has rested. Events that came in one piece from Redis leave in one batch. */
  #wakeAll(): void {
    if (this.#isWaking || this.#isClosed) {
      return;
    }
    this.#isWaking = true;
    const dueMs = this.#restsUntilMs - performance.now();
    if (dueMs <= 0) {
      queueMicrotask(() => this.#wakeNow());
    } else {
      this.#wakeTimer = setTimeout(() => this.#wakeNow(), dueMs);
    }
  }

  #wakeNow(): void {
    this.#isWaking = false;
    for (const follower of this.#followers) {
      try {
        follower.wake();
      } catch (error) {
        // It must not keep the news from the others.
        this.#deps.log.error({ err: error, roomId: this.roomId }, "live: a stream could not be fed");
      }
    }
    const count = this.#followers.size;
    if (count >= MANY_FOLLOWERS) {
      this.#restsUntilMs = performance.now() + Math.min(LONGEST_REST_MS, count * REST_MS_EACH);
    }
  }
}
