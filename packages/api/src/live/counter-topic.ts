import type { ChannelSubscription } from "@cardinal/redis-core/channel";
import type { AppDeps } from "../deps/app-deps.ts";
import type { LiveCounter } from "../deps/counters.ts";
import { Conflated } from "./conflated.ts";

/** Four times a second, whoever counts and whoever looks. */
const READ_EVERY_MS = 250;

export interface CounterReading {
  readonly value: number;
  readonly version: number;
}

/** One counter in this process, however many pages show it: read at most four times a second, and only after a change. */
export class CounterTopic {
  readonly #counter: LiveCounter;
  readonly #wakes = new Set<() => void>();
  readonly #changes = new Conflated(() => this.#changed(), READ_EVERY_MS);
  readonly #subscribing: Promise<ChannelSubscription>;
  readonly #look: NodeJS.Timeout;
  /** Begins at the time, so that it rises from one process to the next too. */
  #version: number;
  #reading: Promise<CounterReading> | undefined;

  constructor(deps: Pick<AppDeps, "doorbells" | "log" | "now">, counter: LiveCounter) {
    this.#counter = counter;
    this.#version = deps.now();
    const { ring } = this.#changes;
    this.#look = setInterval(ring, counter.lookEveryMs);
    this.#look.unref();
    this.#subscribing = deps.doorbells.counter(counter.name).subscribe(ring, { onGap: ring });
    this.#subscribing.then(ring, (error: unknown) => {
      deps.log.warn({ err: error, counter: counter.name }, "live: no word of this counter; it is looked at");
    });
  }

  follow(wake: () => void): () => void {
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  /** How it stands: one reading for all who ask between two changes. */
  read(): Promise<CounterReading> {
    if (this.#reading === undefined) {
      const version = this.#version;
      const reading = this.#counter.read().then((value) => ({ value, version }));
      this.#reading = reading;
      reading.catch(() => {
        this.#reading = undefined;
      });
    }
    return this.#reading;
  }

  async close(): Promise<void> {
    clearInterval(this.#look);
    this.#changes.stop();
    // Without Redis the acknowledgement may never come; nobody waits for it.
    void this.#subscribing.then((subscription) => subscription.close()).catch(() => undefined);
  }

  #changed(): void {
    this.#version += 1;
    this.#reading = undefined;
    for (const wake of this.#wakes) {
      wake();
    }
  }
}
