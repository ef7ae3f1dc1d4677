import { type CoreContext, runOn } from "../context.ts";
import type { CallOptions } from "../port.ts";
import { randomHex } from "../random.ts";
import type { AskedRule } from "./asked-rule.ts";
import { turnScript } from "./scripts.ts";

/** A place not asked for so long is a dead one's. */
const placeMs = 3_000;
const mostPlaces = 1_000;

/** How often one who waits must ask to keep his place. */
export const keepPlaceMs = 1_000;

export interface Turn {
  /** Of those who wait for the same; `null` when the queue is full. */
  readonly before: number | null;
  /** What those before will take. */
  readonly costBefore: number;
}

/** One who waits in the queue of all processes that wait for the same identities under the same rules. */
export class QueuedWaiter {
  readonly #context: CoreContext;
  readonly #queue: string;
  readonly #places: string;
  readonly #ticket: string;
  readonly #options: CallOptions;

  constructor(
    context: CoreContext,
    limiter: string,
    asked: readonly AskedRule<string>[],
    { cost, deadlineMs }: { readonly cost: number; readonly deadlineMs: number | undefined },
  ) {
    const identity = asked.map(({ plan, identity: each }) => JSON.stringify([plan.name, each])).join();
    this.#context = context;
    this.#queue = context.keys.limit.queue(identity, limiter);
    this.#places = context.keys.limit.places(identity, limiter);
    this.#ticket = `${randomHex(8)} ${cost}`;
    this.#options = { deadlineMs, resend: "once" };
  }

  /** Asks for a place, or keeps it. One round trip. */
  async turn(): Promise<Turn> {
    const keys = { queue: this.#queue, places: this.#places };
    const args = { ticket: this.#ticket, duration: placeMs, most: mostPlaces };
    const reply = await runOn(this.#context, "state", turnScript, { keys, args }, this.#options);
    const [before = 0, costBefore = 0] = Array.isArray(reply) ? reply.map(Number) : [];
    return { before: before < 0 ? null : before, costBefore };
  }

  /** Gives the place up. One that could not be given up is lost after three seconds. */
  async leave(): Promise<void> {
    await this.#context.state.batch(
      [this.#queue, this.#places].map((key) => ({ name: "ZREM", keys: [key], args: [this.#ticket] })),
      this.#options,
    );
  }
}
