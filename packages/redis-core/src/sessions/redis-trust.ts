import type { CoreContext } from "../context.ts";
import type { RevocationEvents } from "./revocation-events.ts";
import type { PendingDrop, SessionRecordStore } from "./session-record-store.ts";
import type { SessionStore } from "./session-store.ts";

/** Acknowledged writes this young may be missing after a crash or a failover, older ones not. */
const replayWindowMs = 3_600_000;

const retryMs = 500;

const compareEveryMs = 1_000;

/** How long to wait for the subscription that tells of lost connections. */
const watchWithinMs = 1_000;

/**
 * Whether Redis may be believed about sessions. At the start, and after every sign that it may have lost
 * writes, it may not, until the drops that are still pending and the revocations of the last hour have been
 * sent to it again.
 */
export class RedisTrust<Data> {
  readonly #context: CoreContext;
  readonly #records: SessionRecordStore<Data>;
  readonly #store: SessionStore<Data>;
  readonly #events: RevocationEvents;
  #watching: Promise<void> | undefined;
  #generation = 1;
  #trusted = 0;
  #replaying: Promise<void> | undefined;
  #retryAt = 0;
  #runIds: string | null = null;
  #comparedAt = 0;

  constructor(
    context: CoreContext,
    records: SessionRecordStore<Data>,
    store: SessionStore<Data>,
    events: RevocationEvents,
  ) {
    this.#context = context;
    this.#records = records;
    this.#store = store;
    this.#events = events;
  }

  get established(): boolean {
    return this.#trusted === this.#generation;
  }

  /** Redis may have lost writes: believe the record until everything was sent again. */
  lose(): void {
    this.#generation += 1;
  }

  /**
   * Compares the masters' run ids with those of the last replay, at most once a second and in nobody's way. On a
   * Cluster the subscription tells only of its own node, and over HTTP there is none. Undefined when none is due.
   */
  compareRunIds(): Promise<void> | undefined {
    if (performance.now() < this.#comparedAt + compareEveryMs) {
      return undefined;
    }
    this.#comparedAt = performance.now();
    return this.#compare();
  }

  /** Sends everything again; after a failure not before half a second. Throws what Redis or the store throws. */
  async establish(): Promise<void> {
    if (this.established || (!this.#replaying && performance.now() < this.#retryAt)) {
      return;
    }
    this.#replaying ??= this.#replay().finally(() => {
      this.#replaying = undefined;
    });
    await this.#replaying;
  }

  /** Drops what is pending, tells of what was revoked, and confirms it. */
  async settle(drops: readonly PendingDrop[]): Promise<void> {
    for (const [userId, ids] of byUser(drops.filter(({ revoked }) => revoked))) {
      await this.#store.drop(userId, { mode: "ids", ids }, this.#events.begin(userId));
    }
    for (const [userId, ids] of byUser(drops.filter(({ revoked }) => !revoked))) {
      await this.#store.drop(userId, { mode: "ids", ids }, null);
    }
    if (drops.length > 0) {
      await this.#records.confirm(drops);
    }
  }

  async #compare(): Promise<void> {
    const known = this.#runIds;
    const runIds = await this.#readRunIds();
    if (known !== null && runIds !== null && runIds !== known && this.#runIds === known) {
      this.lose();
    }
  }

  /** Null where Redis does not tell. */
  async #readRunIds(): Promise<string | null> {
    try {
      const infos = await this.#context.state.eachMaster((master) => master.command("INFO", ["server"]));
      const runIds = infos.map((info) => /^run_id:(\w+)/m.exec(String(info))?.[1] ?? "");
      return runIds.includes("") ? null : runIds.toSorted((a, b) => a.localeCompare(b)).join();
    } catch {
      return null;
    }
  }

  /** A connection that was lost may have come back to a Redis that lost writes. */
  async #watch(): Promise<void> {
    if (!this.#context.state.capabilities.subscribe) {
      return;
    }
    this.#watching ??= this.#events.listen(() => {}, { onGap: () => this.lose() }).ready;
    const mine = this.#watching;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, watchWithinMs);
    });
    try {
      await Promise.race([mine, late]);
    } catch {
      if (this.#watching === mine) {
        this.#watching = undefined;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #replay(): Promise<void> {
    await this.#watch();
    const generation = this.#generation;
    this.#retryAt = performance.now() + retryMs;
    this.#runIds = await this.#readRunIds();
    const nowMs = this.#context.clock.nowMs();
    const revoked = await this.#records.revokedSince(nowMs - replayWindowMs);
    for (const [userId, ids] of byUser(revoked)) {
      await this.#store.drop(userId, { mode: "ids", ids }, null);
    }
    for (;;) {
      const pending = await this.#records.pending();
      if (pending.length === 0) {
        break;
      }
      await this.settle(pending);
    }
    this.#retryAt = 0;
    this.#trusted = generation;
    this.#context.telemetry.log("info", "session_revocations_replayed", { count: revoked.length });
  }
}

function byUser(
  sessions: readonly { readonly userId: string; readonly id: string }[],
): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const { userId, id } of sessions) {
    const ids = users.get(userId) ?? [];
    users.set(userId, ids);
    ids.push(id);
  }
  return users;
}
