import { Misuse, RedisCoreError } from "../errors.ts";
import type { OutageGate } from "../outage-gate.ts";
import { randomHex } from "../random.ts";
import { atEndOfTurn } from "../script/gather-calls.ts";
import type { CacheReport } from "./cache-report.ts";
import type { CacheSettings } from "./cache-settings.ts";
import type { CacheStore, ReadManner } from "./cache-store.ts";
import { drawEarly } from "./early-refresh.ts";
import type { FoundEntry } from "./read-reply.ts";

/**
 * Entries that are read together at most. It takes the server some 100 µs; more would keep it from everybody else
 * and save little.
 */
const mostTogether = 64;
/** Characters that should come back in one reply at most, by the entries read lately. */
const mostText = 262_144;

interface Waiting {
  resolve(found: FoundEntry | null): void;
  reject(error: unknown): void;
}

/** Reads of one bucket that leave together. */
interface Batch {
  readonly bucket: number;
  readonly leases: boolean;
  readonly keys: string[];
  readonly waiting: Waiting[];
}

/**
 * Reads entries, those asked for one by one in a turn of the event loop together: what a hit costs beyond its own
 * bytes is then paid once a turn. Null while Redis is away, which most callers learn from the gate rather than from
 * their own deadline.
 */
export class Reader {
  readonly #store: CacheStore;
  readonly #gate: OutageGate;
  readonly #report: CacheReport;
  readonly #earlyRefresh: number;
  #open: Batch[] = [];
  /** Of an entry, lately. */
  #meanLength = 0;

  constructor(
    store: CacheStore,
    gate: OutageGate,
    report: CacheReport,
    { earlyRefresh }: Pick<CacheSettings<unknown>, "earlyRefresh">,
  ) {
    this.#store = store;
    this.#gate = gate;
    this.#report = report;
    this.#earlyRefresh = earlyRefresh;
  }

  /** One entry; with `leases` also the lease to load it, where it is missing, stale or soon to end. */
  readOne(name: string, leases: boolean): Promise<FoundEntry | null> {
    const bucket = this.#store.bucketOf(name);
    const keys = this.#store.readKeys(bucket, name, leases);
    const batch =
      this.#open.find((open) => open.bucket === bucket && open.leases === leases) ?? this.#begin(bucket, leases);
    batch.keys.push(...keys);
    return new Promise((resolve, reject) => {
      batch.waiting.push({ resolve, reject });
      if (batch.waiting.length >= Math.min(mostTogether, mostText / this.#meanLength)) {
        this.#open.splice(this.#open.indexOf(batch), 1);
        void this.#leave(batch);
      }
    });
  }

  /** Entries of one bucket, now. */
  async read(names: readonly string[], manner: ReadManner): Promise<readonly FoundEntry[] | null> {
    const bucket = this.#store.bucketOf(names[0] ?? "");
    const keys = names.flatMap((name) => this.#store.readKeys(bucket, name, manner.token !== ""));
    return await this.#read(bucket, keys, manner);
  }

  /** How a read that may load asks, with a token and a draw of its own. */
  leasing(): ReadManner {
    return { token: randomHex(8), mode: "read", early: drawEarly(this.#earlyRefresh) };
  }

  async #read(
    bucket: number,
    keys: readonly string[],
    manner: ReadManner,
  ): Promise<readonly FoundEntry[] | null> {
    if (!this.#gate.enter()) {
      return null;
    }
    try {
      const found = await this.#store.read(bucket, keys, manner);
      this.#gate.succeeded();
      const length = found.reduce((sum, { raw }) => sum + raw.length, 0);
      this.#meanLength += (length / Math.max(1, found.length) - this.#meanLength) / 4;
      return found;
    } catch (error) {
      if (!(error instanceof RedisCoreError) || error instanceof Misuse) {
        throw error;
      }
      this.#gate.failed();
      this.#report.unavailable(error);
      return null;
    }
  }

  #begin(bucket: number, leases: boolean): Batch {
    const batch: Batch = { bucket, leases, keys: [], waiting: [] };
    if (this.#open.length === 0) {
      atEndOfTurn(() => this.#leaveAll());
    }
    this.#open.push(batch);
    return batch;
  }

  #leaveAll(): void {
    const leaving = this.#open;
    this.#open = [];
    for (const batch of leaving) {
      void this.#leave(batch);
    }
  }

  async #leave({ bucket, keys, leases, waiting }: Batch): Promise<void> {
    try {
      const found = await this.#read(bucket, keys, leases ? this.leasing() : justLook);
      for (const [index, { resolve }] of waiting.entries()) {
        resolve(found?.[index] ?? null);
      }
    } catch (error) {
      for (const { reject } of waiting) {
        reject(error);
      }
    }
  }
}

/** For reads that load nothing. */
export const justLook: ReadManner = { token: "", mode: "read", early: 0 };
