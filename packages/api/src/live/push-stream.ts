import { tracked, type TrackedEnvelope } from "@trpc/server";
import type { Identity } from "../context/identity.ts";
import type { RequestContext } from "../context/request-context.ts";
import { toTrpcError } from "../errors/to-trpc-error.ts";
import type { Feed, FrameSink } from "./frame-sink.ts";
import { Wakeup } from "./wakeup.ts";

/** Starts to push into a sink, once whatever it needs is open. Rejects with what the stream cannot begin for. */
export type OpenFeed<Frame> = (sink: FrameSink<Frame>) => Promise<Feed>;

type Member = Extract<Identity, { kind: "member" }>;

/**
 * What a subscription answers. Our own transports have it pushed into a sink: no generator, promise or timer a stream,
 * and one frame object for all streams that stand at the same place. Anybody else iterates it, as he would a generator.
 * Either way it is counted while it lives (a WebSocket holds at most 32, a member or an address 64 over SSE) and ends
 * with its member's session (`SESSION_EXPIRED`); errors of the domain leave as tRPC's.
 */
export class PushStream<Frame> implements AsyncIterable<TrackedEnvelope<Frame>, void> {
  readonly #request: RequestContext;
  readonly #member: Member | null;
  readonly #open: OpenFeed<Frame>;
  #clientSignal: AbortSignal | undefined;

  /** `clientSignal` ends the stream when it is iterated; who pushes stops it himself. */
  constructor(
    request: RequestContext,
    member: Member | null,
    clientSignal: AbortSignal | undefined,
    open: OpenFeed<Frame>,
  ) {
    this.#request = request;
    this.#member = member;
    this.#clientSignal = clientSignal;
    this.#open = open;
  }

  /** Begins to push. Call it once. */
  pushInto(sink: FrameSink<Frame>): Feed {
    this.#clientSignal = undefined;
    const run = new PushRun(this.#request, this.#member, sink);
    run.begin(this.#open);
    return run;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TrackedEnvelope<Frame>, void> {
    const signal = this.#clientSignal ?? new AbortController().signal;
    const slot = new Slot<Frame>();
    const feed = this.pushInto(slot);
    try {
      while (!signal.aborted) {
        const envelope = slot.empty();
        if (envelope !== null) {
          yield envelope;
          feed.resume();
        } else if (slot.ended) {
          if (slot.error !== null) {
            throw slot.error;
          }
          return;
        } else {
          await slot.wakeup.wait(signal);
        }
      }
    } finally {
      feed.stop();
    }
  }
}

/** Holds one frame until it is fetched. */
class Slot<Frame> implements FrameSink<Frame> {
  readonly wakeup = new Wakeup();
  #next: TrackedEnvelope<Frame> | null = null;
  ended = false;
  error: Error | null = null;

  canTake(): boolean {
    return this.#next === null;
  }

  take(id: string, frame: Frame): void {
    this.#next = tracked(id, frame);
    this.wakeup.ring();
  }

  end(error: Error | null): void {
    this.ended = true;
    this.error = error;
    this.wakeup.ring();
  }

  empty(): TrackedEnvelope<Frame> | null {
    const taken = this.#next;
    this.#next = null;
    return taken;
  }
}

/** One stream's life: counted, watched, fed, ended once. */
class PushRun<Frame> implements Feed, FrameSink<Frame> {
  readonly #sink: FrameSink<Frame>;
  #feed: Feed | undefined;
  #release: (() => void) | undefined;
  #hasEnded = false;

  constructor(request: RequestContext, member: Member | null, sink: FrameSink<Frame>) {
    this.#sink = sink;
    const { live } = request.deps;
    const cut = (why: Error) => this.end(why);
    try {
      const { transport } = request.source;
      const owner = member?.userId ?? request.address;
      const leave = live.enter({ transport, connection: request, owner, cut });
      const unwatch = member === null ? undefined : live.sessions.watch(member, cut);
      this.#release = () => {
        unwatch?.();
        leave();
      };
    } catch (error) {
      this.#refuse(error);
    }
  }

  begin(open: OpenFeed<Frame>): void {
    if (this.#hasEnded) {
      return;
    }
    open(this).then(
      (feed) => {
        if (this.#hasEnded) {
          feed.stop();
        } else {
          this.#feed = feed;
          feed.resume();
        }
      },
      (error: unknown) => this.#refuse(error),
    );
  }

  resume(): void {
    this.#feed?.resume();
  }

  stop(): void {
    this.#finish();
  }

  canTake(): boolean {
    return !this.#hasEnded && this.#sink.canTake();
  }

  take(id: string, frame: Frame): void {
    this.#sink.take(id, frame);
  }

  end(error: Error | null): void {
    if (this.#finish()) {
      this.#sink.end(error === null || error.name === "AbortError" ? error : toTrpcError(error));
    }
  }

  #refuse(error: unknown): void {
    this.end(error instanceof Error ? error : new Error("the stream failed", { cause: error }));
  }

  /** False when it had ended before. */
  #finish(): boolean {
    if (this.#hasEnded) {
      return false;
    }
    this.#hasEnded = true;
    this.#feed?.stop();
    this.#release?.();
    return true;
  }
}
