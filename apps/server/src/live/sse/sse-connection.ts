import type { ServerResponse } from "node:http";
import { type Feed, type FrameSink, PushStream } from "@cardinal/api";
import { isTrackedEnvelope } from "@trpc/server";
import { Progress } from "../patience.ts";
import { namedEvent, SSE_HEADERS, trackedEvent, untrackedEvent, valueEvent } from "./sse-wire.ts";

/** A reader that has this much not taken yet is waited for. */
const HIGH_WATER_BYTES = 128 * 1024;

export interface SsePace {
  /** A stream that was quiet for this long sends a ping. */
  readonly pingAfterMs: number;
  /** It ends after this: a fresh request proves the session anew. */
  readonly endsAfterMs: number;
  /** A reader that takes nothing of what waits for it is cut. */
  readonly stalledAfterMs: number;
}

export interface SseConnectionOptions {
  readonly pace: SsePace;
  readonly response: ServerResponse;
  /** The id the client came with. */
  readonly lastEventId: string | null;
  /** What tRPC's client is told at the beginning. */
  readonly clientOptions: object;
  /** An error as the client sees it. */
  readonly shapeOf: (error: unknown) => unknown;
}

/** One event stream: what goes out on it, and its end. */
export class SseConnection implements FrameSink<object> {
  readonly #response: ServerResponse;
  readonly #pace: SsePace;
  readonly #shapeOf: (error: unknown) => unknown;
  readonly #progress = new Progress();
  /** For streams that are iterated. */
  readonly ending = new AbortController();
  readonly #startedAtMs = performance.now();
  #sentAtMs = performance.now();
  /** What the client's `EventSource` would come back with. */
  #lastId: string | null;
  #feed: Feed | undefined;
  #awaitsDrain = false;
  #onRoom: (() => void) | undefined;
  #hasEnded = false;

  constructor({ pace, response, lastEventId, clientOptions, shapeOf }: SseConnectionOptions) {
    // An id with such characters was none of ours, and could not be sent back.
    this.#lastId = lastEventId === null || /[\0\n\r]/.test(lastEventId) ? null : lastEventId;
    this.#pace = pace;
    this.#response = response;
    this.#shapeOf = shapeOf;
    response.once("close", () => this.#finish());
    response.writeHead(200, SSE_HEADERS);
    this.#write(namedEvent("connected", JSON.stringify(clientOptions)));
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Bytes that the reader has not taken yet. */
  get waiting(): number {
    return this.#response.writableLength;
  }

  /** Sends what a subscription answered, to its end. */
  async run(result: AsyncIterable<unknown>): Promise<void> {
    if (result instanceof PushStream) {
      const stream: PushStream<object> = result;
      this.#feed = stream.pushInto(this);
      if (this.#hasEnded) {
        this.#feed.stop();
      }
      return;
    }
    const iterator = result[Symbol.asyncIterator]();
    const letGo = () => void iterator.return?.().catch(() => undefined);
    this.ending.signal.addEventListener("abort", letGo, { once: true });
    if (this.#hasEnded) {
      letGo();
      return;
    }
    try {
      for (let next = await iterator.next(); !next.done && !this.#hasEnded; next = await iterator.next()) {
        this.#send(next.value);
        await this.#untilRoom();
      }
      this.end(null);
    } catch (error) {
      this.end(error instanceof Error ? error : new Error("the stream failed", { cause: error }));
    }
  }

  canTake(): boolean {
    if (this.#hasEnded) {
      return false;
    }
    if (this.#response.writableLength < HIGH_WATER_BYTES) {
      return true;
    }
    if (!this.#awaitsDrain) {
      this.#awaitsDrain = true;
      this.#response.once("drain", () => {
        this.#awaitsDrain = false;
        this.#feed?.resume();
        this.#onRoom?.();
      });
    }
    return false;
  }

  take(id: string, frame: object): void {
    this.#lastId = id;
    this.#write(trackedEvent(id, frame));
  }

  /** tRPC's client comes back after an abort; it is told of any other error, and of a stream that is over. */
  end(error: Error | null): void {
    if (error === null) {
      this.#write(namedEvent("return", ""));
    } else if (error.name !== "AbortError") {
      this.#write(namedEvent("serialized-error", JSON.stringify(this.#shapeOf(error))));
    }
    this.#finish();
  }

  /** A ping after quiet; an end after a while, from which the client comes back; a cut where nothing is taken. */
  checkLife(nowMs: number): void {
    const { pingAfterMs, endsAfterMs, stalledAfterMs } = this.#pace;
    const writtenBytes = this.#response.socket?.bytesWritten ?? 0;
    if (this.#progress.stalledForMs(nowMs, writtenBytes, this.waiting) > stalledAfterMs) {
      this.#response.destroy();
    } else if (nowMs - this.#startedAtMs > endsAfterMs) {
      this.#finish();
    } else if (nowMs - this.#sentAtMs >= pingAfterMs && this.waiting === 0) {
      this.#write(namedEvent("ping", ""));
    }
  }

  #send(value: unknown): void {
    if (!isTrackedEnvelope(value)) {
      this.#write(untrackedEvent(JSON.stringify(value), this.#lastId));
      return;
    }
    const [id, data] = value;
    if (typeof data === "object" && data !== null) {
      this.take(id, data);
    } else {
      this.#lastId = id;
      this.#write(valueEvent(id, JSON.stringify(data)));
    }
  }

  async #untilRoom(): Promise<void> {
    while (!this.#hasEnded && !this.canTake()) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
  }

  #write(event: string | Buffer): void {
    if (!this.#hasEnded) {
      this.#sentAtMs = performance.now();
      this.#response.write(event);
    }
  }

  #finish(): void {
    if (!this.#hasEnded) {
      this.#hasEnded = true;
      this.#feed?.stop();
      this.ending.abort();
      this.#onRoom?.();
      this.#response.end();
    }
  }
}
