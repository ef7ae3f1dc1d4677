import { reportQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { ReportReason } from "../../routers/report-words.ts";
import { requireMessage } from "../chat/require-message.ts";
import { ringInbox } from "../inbox/tell-member.ts";
import { MessageNotFound } from "../../errors/domain-errors.ts";

interface ReportMessageInput {
  readonly actorId: string;
  readonly messageId: string;
  readonly reason: ReportReason;
  readonly note: string;
}

/**
 * Tells those who moderate of a message, with its text as it stands now. A member reports a message once: again, also
 * when it was deleted meanwhile, changes nothing.
 *
 * @throws {MessageNotFound}
 */
export async function reportMessage(
  deps: Pick<AppDeps, "db" | "now" | "doorbells" | "log">,
  { actorId, messageId, reason, note }: ReportMessageInput,
): Promise<void> {
  const told = await deps.db.write((tx) => {
    const { message } = requireMessage(tx, messageId, actorId, { orDeleted: true });
    if (reportQueries.hasReported(tx, messageId, actorId)) {
      return [];
    }
    if (message.deletedAtMs !== null) {
      throw new MessageNotFound();
    }
    const { roomId, body: excerpt } = message;
    reportQueries.insert(tx, { messageId, roomId, reporterId: actorId, reason, note, excerpt, nowMs: deps.now() });
    return reportQueries.listReaders(tx, roomId);
  });
  ringInbox(deps, told, "inbox");
}
