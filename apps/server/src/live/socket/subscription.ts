import type { Feed, FrameSink, PushStream } from "@cardinal/api";
import { isTrackedEnvelope, type TRPCError, getTRPCErrorFromUnknown } from "@trpc/server";
import { Iteration } from "../iteration.ts";
import type { Call } from "./messages.ts";
import type { SocketOutput } from "./socket-output.ts";
import { beginningOf, eventMessage } from "./wire.ts";

/** Called once, when a pushed stream has ended by itself. */
export type OnEnd = (subscription: Subscription, error: TRPCError | null) => void;

/** One subscription of a socket, from its call to its end. */
export class Subscription implements FrameSink<object> {
  readonly call: Call;
  readonly #output: SocketOutput;
  readonly #onEnd: OnEnd;
  readonly #beginning: string;
  #feed: Feed | undefined;
  #iteration: Iteration | undefined;
  /** Not for a pushed stream, which is stopped by its feed. */
  #ending: AbortController | undefined = new AbortController();
  hasStarted = false;
  hasStopped = false;

  constructor(call: Call, output: SocketOutput, onEnd: OnEnd) {
    this.call = call;
    this.#output = output;
    this.#onEnd = onEnd;
    this.#beginning = beginningOf(call.id, call.jsonrpc);
  }

  get isPushed(): boolean {
    return this.#feed !== undefined;
  }

  get signal(): AbortSignal {
    return (this.#ending ??= new AbortController()).signal;
  }

  push(stream: PushStream<object>): void {
    this.#ending = undefined;
    this.#feed = stream.pushInto(this);
  }

  /** The connection can take more again. */
  resume(): void {
    this.#feed?.resume();
    this.#iteration?.resume();
  }

  async iterate(iterable: AsyncIterable<unknown>): Promise<void> {
    this.#iteration = new Iteration(this);
    await this.#iteration.run(iterable);
  }

  canTake(): boolean {
    return this.#output.canTake();
  }

  take(id: string, frame: object): void {
    this.#output.writeMessage(eventMessage(this.#beginning, id, frame));
  }

  end(error: Error | null): void {
    this.#onEnd(this, error === null ? null : getTRPCErrorFromUnknown(error));
  }

  stop(): void {
    this.hasStopped = true;
    this.#feed?.stop();
    this.#ending?.abort();
  }

  send(value: unknown): void {
    if (isTrackedEnvelope(value)) {
      const [id, data] = value;
      if (typeof data === "object" && data !== null) {
        this.take(id, data);
        return;
      }
      this.#output.send(`${this.#beginning},${dataText({ id, data }, id)}`);
    } else {
      this.#output.send(`${this.#beginning},${dataText(value, undefined)}`);
    }
  }
}

/** The rest of an answer after its beginning. */
function dataText(data: unknown, id: string | undefined): string {
  return JSON.stringify({ result: { type: "data", data, id } }).slice(1);
}
