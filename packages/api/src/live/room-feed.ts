import type { ApiTelemetry } from "../deps/telemetry.ts";
import type { DomainError } from "../errors/domain-errors.ts";
import type { ChatOnEventFrame } from "../routers/chat/schemas.ts";
import type { Feed, FrameSink } from "./frame-sink.ts";
import { formatRoomCursor, type RoomCursor } from "./room-cursor.ts";
import type { RoomBatch, RoomFollower, RoomTopic } from "./room-topic.ts";
import type { TopicLease, TopicRegistry } from "./topic-registry.ts";

interface RoomFeedInput {
  readonly telemetry: ApiTelemetry;
  readonly roomId: string;
  readonly userId: string;
  /** Where the client stands; null: only what comes from now on. */
  readonly cursor: RoomCursor | null;
}

/**
 * A room's events after the cursor, each once, in order and without a gap: first what was missed, then `ready`, then
 * live. `reset` where that is impossible (another epoch, a cursor from the future, more than 5 000 behind, a trimmed
 * log): the client reads its newest page, which is at least as new, and ignores events up to that page's `asOfSeq`.
 * Every frame carries the cursor to come back with.
 *
 * It holds no queue. It knows its place in the log and sends what comes next whenever its sink can take it: a slow one
 * gets larger batches later, from the topic's ring or else from the log.
 */
export class RoomFeed implements Feed, RoomFollower {
  readonly userId: string;
  readonly #lease: TopicLease<RoomTopic>;
  readonly #topic: RoomTopic;
  readonly #telemetry: ApiTelemetry;
  readonly #sink: FrameSink<ChatOnEventFrame>;
  readonly #unfollow: () => void;
  #epoch: string;
  #position: number;
  #mustReset = false;
  #isReady = false;
  #isReading = false;
  #hasStopped = false;
  #typistsSeen = 0;
  #typistsShown = "";

  private constructor(
    lease: TopicLease<RoomTopic>,
    { userId, telemetry, cursor }: RoomFeedInput,
    sink: FrameSink<ChatOnEventFrame>,
  ) {
    const { topic } = lease;
    this.#lease = lease;
    this.#topic = topic;
    this.#telemetry = telemetry;
    this.#sink = sink;
    this.userId = userId;
    this.#epoch = topic.epoch;
    this.#position = cursor?.seq ?? topic.head;
    this.#mustReset = cursor !== null && !topic.canReplay(cursor);
    this.#unfollow = topic.follow(this);
  }

  static async open(
    rooms: TopicRegistry<RoomTopic>,
    input: RoomFeedInput,
    sink: FrameSink<ChatOnEventFrame>,
  ): Promise<RoomFeed> {
    const lease = await rooms.hold(input.roomId);
    try {
      if (input.cursor !== null && input.cursor.seq > lease.topic.head) {
        // The page the client holds may be newer than the last doorbell.
        await lease.topic.fill();
      }
      return new RoomFeed(lease, input, sink);
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  wake(): void {
    this.resume();
  }

  cut(why: DomainError): void {
    this.#sink.end(why);
  }

  resume(): void {
    while (!this.#isReading && !this.#hasStopped && this.#sink.canTake() && this.#sendNext());
  }

  stop(): void {
    if (!this.#hasStopped) {
      this.#hasStopped = true;
      this.#unfollow();
      this.#lease.release();
    }
  }

  /** Sends what is due. False: nothing is, or it must be read first. */
  #sendNext(): boolean {
    if (this.#mustReset || this.#epoch !== this.#topic.epoch) {
      this.#reset();
      return true;
    }
    if (this.#position < this.#topic.head) {
      const batch = this.#topic.batchAfter(this.#position);
      if (batch === null) {
        this.#read();
        return false;
      }
      this.#send(batch);
      return true;
    }
    if (!this.#isReady) {
      this.#isReady = true;
      this.#take({ kind: "ready", head: this.#position, epoch: this.#epoch });
      return true;
    }
    return this.#sendTypists();
  }

  #send({ frame, lastSeq, count }: RoomBatch): void {
    this.#position = lastSeq;
    if (!this.#isReady) {
      this.#telemetry.roomEvents("replayed", count);
    }
    this.#take(frame);
  }

  #reset(): void {
    this.#telemetry.roomEvents("reset", 1);
    this.#mustReset = false;
    this.#epoch = this.#topic.epoch;
    this.#position = this.#topic.head;
    this.#take({ kind: "reset", head: this.#position, epoch: this.#epoch });
  }

  #sendTypists(): boolean {
    const { typists } = this.#topic;
    if (this.#typistsSeen === typists.version) {
      return false;
    }
    this.#typistsSeen = typists.version;
    const frame = typists.frameFor(this.userId);
    const shown = frame.members.map(({ id }) => id).join();
    if (shown !== this.#typistsShown) {
      this.#typistsShown = shown;
      this.#take(frame);
    }
    return true;
  }

  /** What the ring has not is read from the log, and sent by the next turn. */
  #read(): void {
    this.#isReading = true;
    this.#topic.loadAfter(this.#position).then(
      (batch) => {
        this.#isReading = false;
        if (this.#hasStopped) {
          return;
        }
        if (batch === null || this.#epoch !== this.#topic.epoch) {
          this.#mustReset = true;
        } else if (this.#sink.canTake()) {
          this.#send(batch);
        }
        this.resume();
      },
      (error: unknown) => this.#sink.end(error instanceof Error ? error : new Error("no log", { cause: error })),
    );
  }

  #take(frame: ChatOnEventFrame): void {
    this.#sink.take(formatRoomCursor({ epoch: this.#epoch, seq: this.#position }), frame);
  }
}
