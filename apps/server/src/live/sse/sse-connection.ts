import type { ServerResponse } from "node:http";
import { type Feed, type FrameSink, PushStream } from "@cardinal/api";
import { isTrackedEnvelope } from "@trpc/server";
import { Iteration } from "../iteration.ts";
import { Outlet } from "../outlet.ts";
import { Progress } from "../patience.ts";
import { namedEvent, SSE_HEADERS, trackedEvent, untrackedEvent, valueEvent } from "./sse-wire.ts";

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
  readonly #outlet: Outlet;
  readonly #ending = new AbortController();
  readonly #startedAtMs = performance.now();
  #sentAtMs = performance.now();
  /** What the client's `EventSource` would come back with. */
  #lastId: string | null;
  #feed: Feed | undefined;
  #iteration: Iteration | undefined;
  #hasEnded = false;

  constructor({ pace, response, lastEventId, clientOptions, shapeOf }: SseConnectionOptions) {
    // An id with such characters was none of ours, and could not be sent back.
    this.#lastId = lastEventId === null || /[\0\n\r]/.test(lastEventId) ? null : lastEventId;
    this.#pace = pace;
    this.#response = response;
    this.#shapeOf = shapeOf;
    this.#outlet = new Outlet(response, () => {
      this.#feed?.resume();
      this.#iteration?.resume();
    });
    response.once("close", () => this.#finish());
    response.writeHead(200, SSE_HEADERS);
    this.#write(namedEvent("connected", JSON.stringify(clientOptions)));
  }

  /** Aborted when the stream has ended, however it did. */
  get signal(): AbortSignal {
    return this.#ending.signal;
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
    try {
      this.#iteration = new Iteration(this);
      await this.#iteration.run(result);
      this.end(null);
    } catch (error) {
      this.end(error instanceof Error ? error : new Error("the stream failed", { cause: error }));
    }
  }

  canTake(): boolean {
    return !this.#hasEnded && this.#outlet.hasRoom();
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

  send(value: unknown): void {
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
      this.#ending.abort();
      this.#response.end();
    }
  }
}
