import type { CoreContext } from "../context.ts";
import { isOutage } from "../errors.ts";
import { randomHex } from "../random.ts";
import { ConsumerLease } from "./consumer-lease.ts";
import { isLaterEntry } from "./entry-id.ts";
import { lastIdOf, type ReplayItem, withGaps } from "./replay-reader.ts";
import type { ConsumeReply, ReplayStore } from "./replay-store.ts";
import type { Doorbell } from "./replay-tail.ts";

const retryMs = 500;

interface SessionOptions {
  readonly consumer: string;
  readonly from: string;
  readonly leaseMs: number;
  readonly batch: number;
}

/** One process at a named consumer: it waits for its turn, reads on while it holds it, and acknowledges. */
export class ConsumerSession {
  readonly #context: CoreContext;
  readonly #store: ReplayStore;
  readonly #doorbell: Doorbell;
  readonly #options: SessionOptions;
  readonly #token = randomHex(8);
  readonly #lease: ConsumerLease;
  /** Up to here the reader has handled; Redis may not know it yet. */
  #handled = "";
  #acknowledged = "";
  #acknowledging: Promise<void> | undefined;
  /** The last id read under the present hold. */
  #position = "";
  #wake = () => {};
  #isRung = false;
  #isOver = false;

  constructor(context: CoreContext, store: ReplayStore, doorbell: Doorbell, options: SessionOptions) {
    this.#context = context;
    this.#store = store;
    this.#doorbell = doorbell;
    this.#options = options;
    this.#lease = new ConsumerLease(options.leaseMs, () => this.#ring());
  }

  /** What to handle, under the signal of the hold it was read in. `onStarted` is called at the first answer. */
  async *items(
    signal: AbortSignal,
    onStarted: () => void,
  ): AsyncGenerator<{ readonly item: ReplayItem; readonly held: AbortSignal }, void> {
    const detach = await this.#doorbell.attach(
      {
        onEntry: () => this.#lease.signal && this.#ring(),
        onNewest: () => this.#lease.signal && this.#ring(),
        onDoubt: () => this.#ring(),
        onFree: (consumer) => consumer === this.#options.consumer && this.#ring(),
      },
      signal,
    );
    const onAbort = () => this.#wake();
    signal.addEventListener("abort", onAbort, { once: true });
    const renewing = setInterval(() => this.#renew(), this.#options.leaseMs / 3);
    renewing.unref();
    let hasStarted = false;
    try {
      while (!signal.aborted) {
        this.#isRung = false;
        let reply: ConsumeReply;
        try {
          reply = await this.#ask(this.#options.batch);
        } catch (error) {
          if (!hasStarted) {
            throw error;
          }
          this.#isRung = true;
          await this.#afterFailure(error, signal);
          continue;
        }
        if (!hasStarted) {
          hasStarted = true;
          onStarted();
        }
        if (reply.state === "busy") {
          await this.#sleep(reply.freeInMs + 1, signal);
          continue;
        }
        const held = this.#lease.signal;
        const items = withGaps(this.#position || reply.cursor, reply);
        for (const item of items) {
          if (held?.aborted !== false || signal.aborted) {
            break;
          }
          this.#position = lastIdOf([item]) ?? "";
          yield { item, held };
        }
        if (items.length === 0) {
          await this.#sleep(this.#options.leaseMs / 3, signal);
        }
      }
    } finally {
      clearInterval(renewing);
      signal.removeEventListener("abort", onAbort);
      await this.#free();
      detach();
    }
  }

  /** Resolves when Redis knows that everything up to this id is handled. */
  async acknowledge(id: string): Promise<void> {
    this.handled(id);
    while (isLaterEntry(id, this.#acknowledged)) {
      this.#acknowledging ??= this.#ask(0).then(
        () => this.#settle(),
        (error: unknown) => {
          this.#settle();
          throw error;
        },
      );
      await this.#acknowledging;
    }
  }

  /** Notes it, for the next call to Redis whatever that is. */
  handled(id: string): void {
    this.#handled = isLaterEntry(id, this.#handled) ? id : this.#handled;
  }

  #settle(): void {
    this.#acknowledging = undefined;
  }

  async #ask(limit: number): Promise<ConsumeReply> {
    // What is acknowledged after the end must not take the consumer from whoever is next.
    const leaseMs = this.#isOver ? 0 : this.#options.leaseMs;
    const sentAtMs = performance.now();
    const held = this.#lease.signal;
    const acknowledged = this.#handled;
    const { consumer, from } = this.#options;
    const reply = await this.#store.consume(consumer, {
      token: this.#token,
      leaseMs,
      acknowledged,
      after: held ? this.#position : "",
      limit,
      from,
    });
    this.#acknowledged = isLaterEntry(acknowledged, this.#acknowledged) ? acknowledged : this.#acknowledged;
    if (leaseMs === 0 || reply.state === "busy") {
      this.#lease.lose();
      return reply;
    }
    const isNewHold = !this.#lease.signal;
    this.#lease.extend(sentAtMs);
    if (!isNewHold) {
      return reply;
    }
    // A new hold goes on after what is acknowledged, whoever did so.
    this.#position = "";
    if (held) {
      // The old one ended while this was under way: what was read follows a place that no longer counts.
      this.#isRung = true;
      return { ...reply, entries: [] };
    }
    return reply;
  }

  #renew(): void {
    if (this.#lease.signal) {
      this.#ask(0).catch(() => {
        // The lease says by itself when it is over.
      });
    }
  }

  async #free(): Promise<void> {
    this.#isOver = true;
    if (!this.#lease.signal) {
      return;
    }
    try {
      await this.#ask(0);
    } catch (error) {
      // The lease ends by itself.
      this.#lease.lose();
      if (!isOutage(error)) {
        this.#context.telemetry.log("error", "a consumer could not be freed", { error });
      }
    }
  }

  async #afterFailure(error: unknown, signal: AbortSignal): Promise<void> {
    this.#context.telemetry.count("channel_reads_failed_total");
    if (!isOutage(error)) {
      this.#context.telemetry.log("error", "a consumer could not read; it tries again", { error });
    }
    this.#isRung = false;
    await this.#sleep(retryMs, signal);
  }

  #ring(): void {
    this.#isRung = true;
    this.#wake();
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#isRung || signal.aborted) {
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }
}
