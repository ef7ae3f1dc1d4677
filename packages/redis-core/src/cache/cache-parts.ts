import type { CoreContext } from "../context.ts";
import { CacheEvents } from "./cache-events.ts";
import { CacheReport } from "./cache-report.ts";
import type { CacheSettings } from "./cache-settings.ts";
import { CacheStore } from "./cache-store.ts";
import { Flights } from "./flights.ts";
import { LocalCopies } from "./local-copies.ts";
import { OutageGate } from "../outage-gate.ts";
import { Reader } from "./reader.ts";
import type { SharedValue } from "./shared-value.ts";

/** What the operations of one namespace work with. */
export interface CacheParts<T> {
  readonly settings: CacheSettings<T>;
  readonly store: CacheStore;
  readonly events: CacheEvents;
  /** L1, or null where the namespace asks Redis every time. */
  readonly copies: LocalCopies | null;
  readonly flights: Flights<SharedValue>;
  readonly reader: Reader;
  readonly report: CacheReport;
  /** Aborted when the core closes. */
  readonly closing: AbortSignal;
  /** Keeps track of work that nobody awaits, so that closing can. */
  inBackground(work: Promise<unknown>): void;
}

/** How often a namespace with L1 asks Redis whether messages were lost. */
const checkEveryMs = 5_000;

export function createCacheParts<T>(context: CoreContext, settings: CacheSettings<T>): CacheParts<T> {
  const store = new CacheStore(context, settings);
  const report = new CacheReport(context, settings.namespace);
  const copies = settings.l1 ? new LocalCopies(settings.l1.max, settings.l1.ttlMs, context.clock) : null;
  const events = new CacheEvents(context, store.channel, {
    onChange: (change) => copies?.apply(change),
    onGap: () => copies?.restart(),
  });
  const closing = new AbortController();
  const background = new Set<Promise<unknown>>();
  const checking = copies && setInterval(() => void findLostMessages(store, copies), checkEveryMs);
  checking?.unref();
  context.onClose(async () => {
    clearInterval(checking ?? undefined);
    closing.abort(new DOMException("the core was closed", "AbortError"));
    copies?.clear();
    await Promise.allSettled(background);
    await events.close();
  });
  return {
    settings,
    store,
    events,
    copies,
    flights: new Flights(),
    reader: new Reader(store, new OutageGate(context.clock), report, settings),
    report,
    closing: closing.signal,
    inBackground: (work) => {
      const tracked = work.catch(() => {}).finally(() => background.delete(tracked));
      background.add(tracked);
    },
  };
}

async function findLostMessages(store: CacheStore, copies: LocalCopies): Promise<void> {
  const { generation } = copies;
  await Promise.allSettled(
    copies.buckets().map(async (bucket) => {
      const position = await store.position(bucket);
      if (position) {
        copies.check(generation, position);
      }
    }),
  );
}
