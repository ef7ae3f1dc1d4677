import { notificationQueries, readStateQueries } from "@cardinal/db";
import { tracked, type TrackedEnvelope } from "@trpc/server";
import type { AppDeps } from "../deps/app-deps.ts";
import type { InboxOnEventFrame } from "../routers/inbox/schemas.ts";
import { readInbox } from "../use-cases/inbox/list-inbox.ts";
import type { StreamScope } from "./live-stream.ts";
import { sleep, Wakeup } from "./wakeup.ts";

const FRAME_EVERY_MS = 250;
/** A lost doorbell costs no more than this. */
const LOOK_EVERY_MS = 15_000;

/**
 * How a member's inbox stands, again after every change that shows; what happens in between is left out. The database
 * is the truth, the message only says that it is time to look.
 */
export async function* streamInbox(
  deps: Pick<AppDeps, "db" | "doorbells" | "log">,
  userId: string,
  scope: StreamScope,
): AsyncGenerator<TrackedEnvelope<InboxOnEventFrame>, void> {
  const wakeup = new Wakeup();
  const subscribing = deps.doorbells.inbox(userId).subscribe(wakeup.ring, { onGap: wakeup.ring });
  subscribing.then(wakeup.ring, (error: unknown) => {
    deps.log.warn({ err: error }, "live: no word of this inbox; it is looked at");
  });
  try {
    let shown = "";
    let count = 0;
    while (!scope.signal.aborted) {
      await scope.writable();
      const frame = await deps.db.read((tx) => ({
        unread: notificationQueries.countUnread(tx, userId),
        newest: readInbox(tx, { userId, limit: 1 })[0] ?? null,
        revision: readStateQueries.revisionOf(tx, userId),
      }));
      const showing = JSON.stringify(frame);
      if (showing !== shown) {
        shown = showing;
        count += 1;
        yield tracked(String(count), frame);
      }
      await sleep(FRAME_EVERY_MS, scope.signal);
      await wakeup.wait(scope.signal, LOOK_EVERY_MS);
    }
  } finally {
    // Without Redis the acknowledgement may never come; nobody waits for it.
    void subscribing.then((subscription) => subscription.close()).catch(() => undefined);
  }
}
