import { roomEventQueries, type RoomHead, roomQueries } from "@cardinal/db";
import type { ChannelSubscription } from "@cardinal/redis-core/channel";
import type { AppDeps } from "../deps/app-deps.ts";
import { type DomainError, NotAMember, RoomNotFound } from "../errors/domain-errors.ts";
import type { RoomEvent } from "../routers/chat/schemas.ts";
import { toMessageView } from "../use-cases/chat/message-view.ts";
import { EventRing } from "./event-ring.ts";

export type RoomTopicDeps = Pick<AppDeps, "db" | "doorbells" | "log" | "telemetry">;

/** Further behind than this, and a client refetches its page instead of replaying. */
export const MOST_BEHIND = 500;
const EVENTS_PER_BATCH = 200;
/** And no more text than this, so that a frame never outgrows what a slow reader may cost. */
const CHARACTERS_PER_BATCH = 128_000;
/** Two processes publish out of order all the time: a hole this young closes by itself. */
const HOLE_WAIT_MS = 20;
/** How long a stream waits for Redis before it goes on with the log alone. */
const ACKNOWLEDGED_WITHIN_MS = 1_500;

const NO_PAGE = { page: [], epoch: "" };

/** One stream that follows a room. */
export interface RoomFollower {
  readonly userId: string;
  /** There is something to read. */
  readonly wake: () => void;
  /** The stream must end with this. */
  readonly cut: (why: DomainError) => void;
}

export type RoomRead =
  | { readonly kind: "events"; readonly events: readonly RoomEvent[] }
  | { readonly kind: "reset" };

/**
 * One room in this process: its head, its newest events and who follows. The log in the database is the truth and
 * the doorbell only says that there is more, so what is delivered is contiguous however messages are lost, doubled
 * or swapped. Followers hold no queues: each reads on from its own place, from the ring or else from the log.
 */
export class RoomTopic {
  readonly roomId: string;
  readonly #deps: RoomTopicDeps;
  readonly #ring = new EventRing();
  readonly #followers = new Set<RoomFollower>();
  /** Events that came before those between them and the head. */
  readonly #early = new Map<number, RoomEvent>();
  #subscription: ChannelSubscription | undefined;
  /** The last page read from the log for streams that are behind. */
  #page: { readonly page: readonly RoomEvent[]; readonly epoch: string } = NO_PAGE;
  #epoch = "";
  #head = 0;
  #holeTimer: NodeJS.Timeout | undefined;
  #filling: Promise<void> | undefined;
  #isAcknowledged = false;
  #isClosed = false;

  constructor(deps: RoomTopicDeps, roomId: string) {
    this.#deps = deps;
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

  followerIds(): string[] {
    return [...new Set([...this.#followers].map(({ userId }) => userId))];
  }

  /** The next events after a place; none when it is at the head. */
  async read(afterSeq: number): Promise<RoomRead> {
    if (afterSeq >= this.#head) {
      return { kind: "events", events: [] };
    }
    const kept = this.#ring.after(afterSeq, EVENTS_PER_BATCH);
    if (kept !== null) {
      return { kind: "events", events: upToCharacters(kept) };
    }
    if (this.#head - afterSeq > MOST_BEHIND) {
      return { kind: "reset" };
    }
    const events = await this.#readPage(afterSeq);
    return events === null ? { kind: "reset" } : { kind: "events", events: upToCharacters(events) };
  }

  /** A part of the log past the ring, shared by all who are about there. Null: it is not to be had. */
  async #readPage(afterSeq: number): Promise<readonly RoomEvent[] | null> {
    const { page, epoch } = this.#page;
    const index = afterSeq + 1 - (page[0]?.seq ?? Number.POSITIVE_INFINITY);
    if (epoch === this.#epoch && index >= 0 && index < page.length) {
      return page.slice(index);
    }
    const { head, events } = await this.#readLog(afterSeq, EVENTS_PER_BATCH);
    if (head.epoch !== this.#epoch || events[0]?.seq !== afterSeq + 1) {
      return null;
    }
    this.#page = { page: events, epoch: head.epoch };
    return events;
  }

  /** Reads from the log whatever is past the head. One read at a time, however many ask. */
  fill(): Promise<void> {
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined;
    });
    return this.#filling;
  }

  /** What the periodic check found: where the log stands, and which followers may not follow any more. */
  check(head: RoomHead | undefined, strangers: ReadonlySet<string>): void {
    this.#page = NO_PAGE;
    if (head === undefined) {
      for (const follower of this.#followers) {
        follower.cut(new RoomNotFound());
      }
      return;
    }
    for (const follower of this.#followers) {
      if (strangers.has(follower.userId)) {
        follower.cut(new NotAMember());
      }
    }
    if (head.epoch !== this.#epoch || head.headSeq !== this.#head) {
      this.#fillInBackground();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#holeTimer);
    await this.#subscription?.close();
  }

  async #subscribe(): Promise<void> {
    const subscribed = this.#deps.doorbells.room(this.roomId).subscribe((event) => this.#receive(event), {
      onGap: () => this.#fillInBackground(),
    });
    const acknowledged = subscribed.then(
      (subscription) => {
        this.#subscription = subscription;
        this.#isAcknowledged = true;
        if (this.#isClosed) {
          void subscription.close();
        } else if (this.#epoch !== "") {
          this.#fillInBackground();
        }
      },
      (error: unknown) => {
        this.#deps.log.warn({ err: error, roomId: this.roomId }, "live: no doorbell; the room is polled");
      },
    );
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ACKNOWLEDGED_WITHIN_MS);
    await Promise.race([acknowledged, late]);
    clearTimeout(timer);
  }

  async #load(): Promise<void> {
    const found = await this.#deps.db.read((tx) => {
      const head = roomQueries.findHead(tx, this.roomId);
      const from = head === undefined ? 0 : Math.max(head.minSeq - 1, head.headSeq - EVENTS_PER_BATCH);
      return { head, events: roomEventQueries.range(tx, this.roomId, from, EVENTS_PER_BATCH) };
    });
    if (found.head === undefined) {
      await this.close();
      throw new RoomNotFound();
    }
    this.#epoch = found.head.epoch;
    this.#head = found.head.headSeq;
    for (const event of found.events) {
      this.#ring.push(toRoomEvent(event));
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
      const { head, events } = await this.#readLog(this.#head, EVENTS_PER_BATCH);
      const isOther = head.epoch !== this.#epoch || head.headSeq < this.#head;
      if (isOther || head.headSeq - this.#head > MOST_BEHIND || (events[0] && events[0].seq > this.#head + 1)) {
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
    this.#early.clear();
    this.#epoch = head.epoch;
    this.#head = head.headSeq;
    this.#wakeAll();
  }

  #append(event: RoomEvent): void {
    this.#head = event.seq;
    this.#ring.push(event);
  }

  #wakeAll(): void {
    for (const { wake } of this.#followers) {
      wake();
    }
  }

  async #readLog(afterSeq: number, limit: number): Promise<{ head: RoomHead; events: RoomEvent[] }> {
    const found = await this.#deps.db.read((tx) =>
      roomEventQueries.rangeWithHead(tx, this.roomId, afterSeq, limit),
    );
    if (found === undefined) {
      throw new RoomNotFound();
    }
    return { head: found.head, events: found.events.map(toRoomEvent) };
  }
}

/** The first of the events: at least one, then as many as their texts allow. */
function upToCharacters(events: readonly RoomEvent[]): readonly RoomEvent[] {
  let characters = 0;
  const tooMuch = events.findIndex(({ message }, index) => {
    characters += message.body.length;
    return index > 0 && characters > CHARACTERS_PER_BATCH;
  });
  return tooMuch === -1 ? events : events.slice(0, tooMuch);
}

function toRoomEvent({ seq, kind, atMs, message }: roomEventQueries.RoomEvent): RoomEvent {
  return { seq, kind, atMs, message: toMessageView(message) };
}
