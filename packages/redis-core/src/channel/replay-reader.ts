import type { CoreContext } from "../context.ts";
import { UnsupportedByTransport } from "../errors.ts";
import { waitUntil } from "../wait-until.ts";
import { beforeFirst, isLaterEntry, isNextEntry } from "./entry-id.ts";
import type { ReplayStore, ReadReply, StoredEntry } from "./replay-store.ts";
import type { Doorbell } from "./replay-tail.ts";

const retryMs = 500;

/** What a reader comes to: a message, or a place where messages were dropped before it read them. */
export type ReplayItem =
  | ({ readonly kind: "entry" } & StoredEntry)
  | { readonly kind: "gap"; readonly after: string; readonly before: string };

/** The entries with a gap wherever something between two of them is missing. */
export function withGaps(after: string, { newest, entries }: ReadReply): ReplayItem[] {
  const items: ReplayItem[] = [];
  let last = after;
  for (const entry of entries) {
    if (!isNextEntry(entry.id, last)) {
      items.push({ kind: "gap", after: last, before: entry.id });
    }
    items.push({ kind: "entry", ...entry });
    last = entry.id;
  }
  if (entries.length === 0 && newest !== "" && isLaterEntry(last, newest)) {
    // Redis lost its newest entries; what comes now is numbered over again.
    items.push({ kind: "gap", after: last, before: newest });
  }
  return items;
}

interface ReaderOptions {
  /** An id, empty for the oldest, `$` for now. */
  readonly from: string;
  readonly batch: number;
  readonly signal: AbortSignal;
  /** Called when the start of the reading stands: what is published from now on is read. */
  readonly onStarted: () => void;
}

/**
 * Reads a stream on for ever. While the reader keeps up, messages come with their doorbell, without a round trip;
 * after a hole, a doubt or a slow reader they are read from the stream, at most `batch` at a time.
 */
export async function* readOn(
  context: CoreContext,
  store: ReplayStore,
  doorbell: Doorbell,
  { from, batch, signal, onStarted }: ReaderOptions,
): AsyncGenerator<ReplayItem, void> {
  const queue: ReplayItem[] = [];
  /** The last id that is in the queue, or was; `$` until the first read has said what is now. */
  let last = from;
  let isBehind = true;
  let isReading = true;
  let wake = () => {};
  /** The newest id heard of while the stream was being read. */
  let heard = "";
  const fallBehind = () => {
    isBehind = true;
    wake();
  };
  const detach = await doorbell.attach(
    {
      onEntry(id, text) {
        if (isReading) {
          heard = isLaterEntry(id, heard) ? id : heard;
        } else if (!isBehind && isNextEntry(id, last) && queue.length < batch) {
          queue.push({ kind: "entry", id, text });
          last = id;
          wake();
        } else if (isLaterEntry(id, last)) {
          fallBehind();
        }
      },
      onNewest(id) {
        if (id !== last && id !== "") {
          fallBehind();
        }
      },
      onDoubt: fallBehind,
    },
    signal,
  );
  const onAbort = () => wake();
  signal.addEventListener("abort", onAbort, { once: true });
  let hasStarted = false;
  try {
    while (!signal.aborted) {
      const item = queue.shift();
      if (item) {
        yield item;
        continue;
      }
      if (!isBehind) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (signal.aborted || isBehind || queue.length > 0) {
            resolve();
          }
        });
        continue;
      }
      isReading = true;
      isBehind = false;
      heard = "";
      try {
        const reply = await store.read(last, batch, true);
        const items = last === "$" ? [] : withGaps(last, reply);
        queue.push(...items);
        if (last === "$") {
          last = reply.newest || beforeFirst;
        } else {
          last = lastIdOf(items) ?? (last || beforeFirst);
        }
        isBehind ||= reply.entries.length === batch || isLaterEntry(heard, last);
        if (!hasStarted) {
          hasStarted = true;
          onStarted();
        }
      } catch (error) {
        if (!hasStarted || error instanceof UnsupportedByTransport) {
          throw error;
        }
        context.telemetry.count("channel_reads_failed_total");
        isBehind = true;
        await waitUntil(retryMs, { signal });
      } finally {
        isReading = false;
      }
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    detach();
  }
}

/** Where reading goes on after these. */
export function lastIdOf(items: readonly ReplayItem[]): string | undefined {
  const item = items.at(-1);
  return item?.kind === "gap" ? item.before : item?.id;
}
