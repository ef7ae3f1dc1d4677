import { notificationQueries } from "@cardinal/db";
import { tracked, type TrackedEnvelope } from "@trpc/server";
import type { AppDeps } from "../deps/app-deps.ts";
import type { InboxOnEventFrame } from "../routers/inbox/schemas.ts";
import { readInbox } from "../use-cases/inbox/list-inbox.ts";
import { countReportsFor } from "../use-cases/moderation/list-reports.ts";
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
  deps: Pick<AppDeps, "db" | "doorbells" | "live" | "log">,
  userId: string,
  scope: StreamScope,
): AsyncGenerator<TrackedEnvelope<InboxOnEventFrame>, void> {
  const wakeup = new Wakeup();
  let revision = 0;
  const hear = (about: "inbox" | "rooms") => {
    revision += about === "rooms" ? 1 : 0;
    wakeup.ring();
  };
  const unlisten = deps.live.members.listen(userId, () => hear("rooms"));
  const subscribing = deps.doorbells.inbox(userId).subscribe(hear, { onGap: () => hear("rooms") });
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
        reports: countReportsFor(tx, userId),
        revision,
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
    unlisten();
    // Without Redis the acknowledgement may never come; nobody waits for it.
    void subscribing.then((subscription) => subscription.close()).catch(() => undefined);
  }
}
