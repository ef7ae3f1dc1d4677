import { type ReadTransaction, notificationQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import { type InboxItem, type InboxList, inboxItemSchema } from "../../routers/inbox/schemas.ts";
import { inboxPayloadSchema } from "./tell-member.ts";

interface ListInboxInput {
  readonly userId: string;
  /** A line's id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** A page of a member's inbox, newest first. Needs no Redis. */
export async function listInbox(deps: Pick<AppDeps, "db">, input: ListInboxInput): Promise<InboxList> {
  return deps.db.read((tx) => {
    const lines = readInbox(tx, { ...input, limit: input.limit + 1 });
    return {
      items: lines.slice(0, input.limit),
      hasMore: lines.length > input.limit,
      unread: notificationQueries.countUnread(tx, input.userId),
    };
  });
}

/** Lines of a kind that this version does not know are left out. */
export function readInbox(tx: ReadTransaction, input: ListInboxInput): InboxItem[] {
  return notificationQueries.list(tx, input).flatMap(({ id, kind, payload, createdAtMs, readAtMs }) => {
    const known = inboxItemSchema.shape.kind.safeParse(kind);
    const about = inboxPayloadSchema.safeParse(payload);
    return known.success && about.success
      ? [{ id, kind: known.data, createdAtMs, isRead: readAtMs !== null, ...about.data }]
      : [];
  });
}
