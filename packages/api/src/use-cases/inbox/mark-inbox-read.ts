import { notificationQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { ringInbox } from "./tell-member.ts";

interface MarkInboxReadInput {
  readonly userId: string;
  /** Absent: all that came until now. */
  readonly ids?: readonly string[] | undefined;
}

/** Notes that lines were read, on every page and device of the member; answers how many are left. */
export async function markInboxRead(
  deps: Pick<AppDeps, "db" | "now" | "doorbells" | "log">,
  { userId, ids }: MarkInboxReadInput,
): Promise<number> {
  const nowMs = deps.now();
  const { changed, unread } = await deps.db.write((tx) => ({
    changed: notificationQueries.markRead(tx, { userId, ids, untilMs: nowMs, nowMs }),
    unread: notificationQueries.countUnread(tx, userId),
  }));
  if (changed > 0) {
    ringInbox(deps, [userId], "inbox");
  }
  return unread;
}
