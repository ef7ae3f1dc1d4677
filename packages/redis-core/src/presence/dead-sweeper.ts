import type { CoreContext } from "../context.ts";
import { randomHex } from "../random.ts";
import type { PresenceStore, SweptRoom } from "./presence-store.ts";
import { sweepIncarnation } from "./sweep-incarnation.ts";

interface SweeperHandlers {
  /** The incarnation of this process, which is not swept whatever the list of leases says. */
  own(): string;
  onSwept(room: string, swept: SweptRoom): Promise<void>;
  adoptGrace(room: string, graceMs: number): Promise<void>;
  onError(error: unknown): void;
}

/** Takes the connections of dead processes away, and remembers that it has looked for them once. */
export class DeadSweeper {
  readonly #context: CoreContext;
  readonly #store: PresenceStore;
  readonly #handlers: SweeperHandlers;
  readonly #name = randomHex(8);
  #looked: Promise<void> | undefined;
  #sweeping: Promise<void> | undefined;

  constructor(context: CoreContext, store: PresenceStore, handlers: SweeperHandlers) {
    this.#context = context;
    this.#store = store;
    this.#handlers = handlers;
  }

  /** Looks once for whoever died while nobody was there to see it; a look that failed does not count. */
  lookOnce(): Promise<void> {
    this.#looked ??= this.look().catch((error: unknown) => {
      this.#looked = undefined;
      throw error;
    });
    return this.#looked;
  }

  async look(): Promise<void> {
    await this.sweep(await this.#store.due());
  }

  /** Sweeps beside whatever goes on, one sweep at a time: a long one must not hold up the lease of this process. */
  start(expired: readonly string[]): void {
    this.#sweeping ??= this.sweep(expired)
      .catch((error: unknown) => this.#handlers.onError(error))
      .finally(() => {
        this.#sweeping = undefined;
      });
  }

  /** Resolves when no sweep is under way. */
  async settled(): Promise<void> {
    await this.#sweeping;
  }

  async sweep(expired: readonly string[]): Promise<void> {
    for (const dead of expired.filter((other) => other !== this.#handlers.own())) {
      await sweepIncarnation(this.#store, dead, this.#name, {
        onSwept: async (room, swept) => {
          this.#context.telemetry.count("presence_connections_lost_total", {}, swept.taken);
          await this.#handlers.onSwept(room, swept);
        },
        adoptGrace: (room, graceMs) => this.#handlers.adoptGrace(room, graceMs),
      });
    }
  }
}
