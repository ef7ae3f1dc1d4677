import type { CoreContext } from "../context.ts";
import { type Duration, toPositiveMs } from "../duration.ts";
import { isOutage, Misuse, RedisUnavailable } from "../errors.ts";
import type { Ingest } from "./ingest.ts";
import type { CheckedView, IdentifiedView, PageView } from "./page-view.ts";
import type { Parcel } from "./parcel.ts";

export interface BufferOptions {
  /** Sends when this many wait. Default 200. */
  readonly size?: number;
  /** Sends at the latest this long after a view came. Default `"2s"`. */
  readonly every?: Duration;
  /** Views held while Redis is away; beyond, the newest are refused. Default 20 000 (about 10 MB). */
  readonly most?: number;
}

/**
 * Views on their way, at most `every` or `size` of them in this process alone: what a killed process takes with
 * it. What could not be sent, or whose reply was lost, is sent again until it is counted: once, if that is known
 * within an hour.
 */
export interface ViewBuffer {
  /** Views that are not yet known to be counted. */
  readonly size: number;
  /** Takes a view, without waiting for Redis. False when it is full (or the view a bot's). @throws {Misuse} */
  add(view: PageView): boolean;
  /** Resolves when all that was added before is counted. @throws what sending met; nothing is dropped. */
  flush(): Promise<void>;
  /**
   * Refuses further views and sends those that wait, three times at most. The core's own close does this too, and
   * logs what was lost.
   *
   * @throws {RedisUnavailable} with the number of views that were lost, when Redis stayed away.
   */
  close(): Promise<void>;
}

/** A lost reply is asked for again within this, or the views may count twice. */
const rememberMs = 3_600_000;
const closeTries = 3;

interface BufferParts {
  readonly context: CoreContext;
  readonly ingest: Ingest;
  /** @throws {Misuse} */
  readonly check: (view: PageView) => CheckedView;
  /** Finds the visitor's id now where that takes no round trip, so that it is that of the view's own period. */
  readonly identifyNow: (view: CheckedView) => CheckedView | IdentifiedView;
  readonly identify: (view: CheckedView | IdentifiedView) => Promise<IdentifiedView>;
}

/** See `ViewBuffer`. */
export function createViewBuffer(parts: BufferParts, options: BufferOptions): ViewBuffer {
  const { context, ingest, check, identifyNow, identify } = parts;
  const { size: sizeLimit = 200, most = 20_000 } = options;
  const everyMs = toPositiveMs(options.every ?? "2s", "every");
  if (![sizeLimit, most].every((limit) => Number.isSafeInteger(limit) && limit > 0) || sizeLimit > most) {
    throw new Misuse("size and most must be whole numbers of at least 1, and size at most `most`");
  }
  let added: (CheckedView | IdentifiedView)[] = [];
  /** Sorted and named; kept until Redis has said that they are counted. */
  let parcels: Parcel[] = [];
  let parcelled = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sending: Promise<void> | undefined;
  let isClosed = false;

  const size = () => added.length + parcelled;

  async function send(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (added.length > 0) {
      const taken = added;
      added = [];
      parcelled += taken.length;
      try {
        const views = await Promise.all(taken.map(identify));
        parcels.push(...ingest.parcels(views));
      } catch (error) {
        parcelled -= taken.length;
        added = [...taken, ...added];
        throw error;
      }
    }
    const waiting = parcels;
    parcels = [];
    const results = await Promise.allSettled(waiting.map((parcel) => ingest.deliver(parcel, rememberMs)));
    const failed = results.flatMap((result, index) => {
      const parcel = waiting[index];
      return result.status === "rejected" && parcel ? [{ parcel, error: result.reason as Error }] : [];
    });
    parcels = [...failed.map(({ parcel }) => parcel), ...parcels];
    parcelled = parcels.reduce((sum, { views }) => sum + views.length, 0);
    if (failed[0]) {
      throw failed[0].error;
    }
  }

  /** One sending at a time; who asks meanwhile gets one that begins after it. */
  function flush(): Promise<void> {
    const before = sending;
    const own = (before ? before.catch(() => {}).then(send) : send()).finally(() => {
      if (sending === own) {
        sending = undefined;
        if (size() > 0 && !isClosed) {
          schedule();
        }
      }
    });
    sending = own;
    return own;
  }

  function sendInBackground(): void {
    flush().catch((error: unknown) => {
      context.telemetry.count("analytics_flush_failures_total");
      context.telemetry.log("warn", "analytics.flush-failed", { waiting: size(), error: String(error) });
      if (!isClosed) {
        schedule();
      }
    });
  }

  function schedule(): void {
    timer ??= setTimeout(sendInBackground, everyMs);
  }

  async function close(): Promise<void> {
    isClosed = true;
    clearTimeout(timer);
    for (let tries = 1; size() > 0; tries += 1) {
      try {
        await flush();
      } catch (error) {
        if (tries === closeTries || !isOutage(error)) {
          throw new RedisUnavailable(`${size()} views were lost on close`, { cause: error });
        }
      }
    }
  }

  let closing: Promise<void> | undefined;
  const closeOnce = () => (closing ??= close());
  // What else ends with the core must end all the same.
  context.onClose(() =>
    closeOnce().catch((error: unknown) => {
      context.telemetry.log("error", "analytics.views-lost", { error: String(error) });
    }),
  );

  return {
    get size() {
      return size();
    },
    add(view) {
      const checked = check(view);
      if (isClosed || view.isBot === true) {
        return false;
      }
      if (size() >= most) {
        context.telemetry.count("analytics_views_refused_total");
        return false;
      }
      added.push(identifyNow(checked));
      if (added.length >= sizeLimit && !sending) {
        sendInBackground();
      } else {
        schedule();
      }
      return true;
    },
    flush,
    close: closeOnce,
  };
}
