import { notificationQueries, type WriteTransaction } from "@cardinal/db";
import type { z } from "zod";
import type { AppDeps } from "../../deps/app-deps.ts";
import { inboxItemSchema } from "../../routers/inbox/schemas.ts";

/** What stands in a line's payload. */
export const inboxPayloadSchema = inboxItemSchema.pick({ actor: true, room: true, message: true });

export interface InboxNews extends z.infer<typeof inboxPayloadSchema> {
  readonly userId: string;
  readonly kind: z.infer<typeof inboxItemSchema>["kind"];
}

/** Writes a line into a member's inbox, in the transaction of what it is about. */
export function writeInbox(tx: WriteTransaction, { userId, kind, ...payload }: InboxNews, nowMs: number): void {
  notificationQueries.insert(tx, { userId, kind, payload, nowMs });
}

/**
 * After the commit: tells the member's open pages that his inbox or his rooms have changed. Nobody waits for it; a lost
 * message costs a few seconds.
 */
export function ringInbox(
  deps: Pick<AppDeps, "doorbells" | "log">,
  userIds: Iterable<string>,
  about: "inbox" | "rooms",
): void {
  for (const userId of new Set(userIds)) {
    deps.doorbells
      .inbox(userId)
      .publish(about)
      .catch((error: unknown) => deps.log.debug({ err: error }, "an inbox could not be rung"));
  }
}
