import type { CoreContext } from "../context.ts";
import { isOutage, RedisUnavailable } from "../errors.ts";
import type { RedisTrust } from "./redis-trust.ts";
import type { RevocationEvents, Telling } from "./revocation-events.ts";
import type { PendingDrop, SessionRecordStore } from "./session-record-store.ts";
import type { SessionSettings } from "./session-settings.ts";
import type { Doomed, SessionStore } from "./session-store.ts";
import type { Revocation } from "./sessions.ts";

export interface CopiesParts<Data> {
  readonly context: CoreContext;
  readonly settings: SessionSettings<Data>;
  readonly records: SessionRecordStore<Data>;
  readonly store: SessionStore<Data>;
  readonly trust: RedisTrust<Data>;
  readonly events: RevocationEvents;
  /** Keeps track of work that nobody awaits, so that closing can. */
  inBackground(work: Promise<unknown>): void;
}

/** The copies that Redis has of records: whether they may be believed, and how they are dropped. */
export class RedisCopies<Data> {
  readonly #parts: CopiesParts<Data>;

  constructor(parts: CopiesParts<Data>) {
    this.#parts = parts;
  }

  /**
   * The record has the change: drop the copies and confirm. Where Redis is away the change stands all the
   * same; the record answers for the user until someone has carried it out. The number of copies dropped.
   */
  async carryOut(drops: readonly PendingDrop[], told: Revocation | null, doomed: Doomed): Promise<number> {
    const { store, records, events } = this.#parts;
    const userId = told?.userId ?? drops[0]?.userId;
    if (userId === undefined) {
      return 0;
    }
    let telling: Telling | null = null;
    if (told) {
      telling = events.begin(userId);
      telling.emit(told);
    }
    let ended: readonly string[];
    try {
      ({ ended } = await store.drop(userId, doomed, telling));
    } catch (error) {
      this.onError(error);
      return 0;
    }
    if (drops.length > 0) {
      await records.confirm(drops);
    }
    return ended.length;
  }

  /** False while Redis may be behind the record for this user. */
  async mayAsk(userId: string): Promise<boolean> {
    const { trust, records, settings } = this.#parts;
    if (!trust.established) {
      try {
        await trust.establish();
      } catch (error) {
        this.onError(error);
        if (settings.onUnavailable === "closed") {
          throw error;
        }
      }
    }
    if (!trust.established) {
      if (settings.onUnavailable === "closed") {
        throw new RedisUnavailable("sessions: Redis was lost and has not been brought up to date yet");
      }
      return false;
    }
    const comparing = trust.compareRunIds();
    if (comparing) {
      this.#parts.inBackground(comparing);
    }
    if (await records.hasPending(userId)) {
      this.#parts.inBackground(this.#settlePending(userId));
      return false;
    }
    return true;
  }

  async #settlePending(userId: string): Promise<void> {
    try {
      await this.#parts.trust.settle(await this.#parts.records.pending(userId));
    } catch (error) {
      this.onError(error);
    }
  }

  /** Asks Redis; null when it is away and the record may answer instead. */
  async ask<R>(question: () => Promise<R>): Promise<R | null> {
    try {
      return await question();
    } catch (error) {
      this.onError(error);
      if (this.#parts.settings.onUnavailable === "closed") {
        throw error;
      }
      return null;
    }
  }

  /** Notes a failure that somebody else makes up for; after an outage Redis is not believed. */
  onError(error: unknown): void {
    const { context, trust } = this.#parts;
    if (isOutage(error)) {
      trust.lose();
    }
    context.telemetry.count("session_degraded_total");
    context.telemetry.log("warn", "session_degraded", { error: String(error) });
  }
}
