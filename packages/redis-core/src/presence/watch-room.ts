import type { CoreContext } from "../context.ts";
import { isOutage } from "../errors.ts";
import { orAborted } from "../or-aborted.ts";
import { waitUntil } from "../wait-until.ts";
import type { Subscription } from "../port.ts";
import { untilSharded } from "../sharding.ts";
import { parseChange, type ParseMeta, type PublishedChange } from "./presence-records.ts";
import type { PresenceEvent, PresencePage } from "./presence-types.ts";

/** More changes than this waiting for the reader, and a new snapshot is cheaper. */
const mostWaiting = 1_000;
const retryMs = 500;

interface WatchOptions<Meta> {
  readonly signal: AbortSignal;
  readonly parseMeta: ParseMeta<Meta>;
  readonly readSnapshot: () => Promise<PresencePage<Meta>>;
}

/**
 * Subscribes, waits for the acknowledgement, then reads the snapshot: a change is either in the snapshot
 * or arrives. A hole in the versions, a lost connection or a slow reader leads to a new snapshot.
 */
export async function* watchRoom<Meta>(
  context: CoreContext,
  room: string,
  { signal, parseMeta, readSnapshot }: WatchOptions<Meta>,
): AsyncGenerator<PresenceEvent<Meta>, void> {
  let waiting: PublishedChange<Meta>[] = [];
  let isBehind = true;
  let wake = () => {};
  const fallBehind = () => {
    waiting = [];
    isBehind = true;
    wake();
  };
  if (signal.aborted) {
    return;
  }
  const handlers = {
    onMessage(message: string) {
      if (waiting.length >= mostWaiting) {
        fallBehind();
        return;
      }
      waiting.push(parseChange(message, parseMeta));
      wake();
    },
    onGap: fallBehind,
  };
  const subscribing = untilSharded(context, true, signal).then((sharded) =>
    context.state.subscribe([context.keys.presence.events(room)], handlers, { sharded }),
  );
  let subscription: Subscription;
  try {
    subscription = await orAborted(subscribing, signal);
  } catch (error) {
    subscribing.then((late) => late.close()).catch(() => {});
    if (signal.aborted) {
      return;
    }
    throw error;
  }
  const onAbort = () => wake();
  signal.addEventListener("abort", onAbort, { once: true });
  let version = 0;
  let isFirst = true;
  try {
    while (!signal.aborted) {
      if (isBehind) {
        isBehind = false;
        try {
          const page = await readSnapshot();
          version = page.version;
          isFirst = false;
          yield { type: "snapshot", ...page };
        } catch (error) {
          if (isFirst || !isOutage(error)) {
            throw error;
          }
          isBehind = true;
          await waitUntil(retryMs, { signal });
        }
        continue;
      }
      const change = waiting.shift();
      if (!change) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (signal.aborted || isBehind || waiting.length > 0) {
            resolve();
          }
        });
      } else if (change.version > version) {
        if (change.previous !== version) {
          fallBehind();
          continue;
        }
        version = change.version;
        const { userId } = change.user;
        yield change.kind === "leave"
          ? { type: "leave", version, userId }
          : { type: change.kind, version, userId, user: change.user };
      }
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    await subscription.close();
  }
}
