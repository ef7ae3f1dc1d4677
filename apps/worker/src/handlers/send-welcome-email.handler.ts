import { userQueries, type Database } from "@cardinal/db";
import { defineHandler, sendWelcomeEmail, type JobHandlerEntry } from "@cardinal/jobs";
import type { Mailer } from "../mail/mailer.ts";
import { welcomeMail } from "../mail/welcome-mail.ts";

/** Greets the member at the address he has now; a member who has left gets nothing. */
export function sendWelcomeEmailHandler(deps: { db: Database; mailer: Mailer; publicUrl: string }): JobHandlerEntry {
  return defineHandler(sendWelcomeEmail, async ({ payload, jobKey, jobId, log }) => {
    const member = await deps.db.read((tx) => userQueries.findById(tx, payload.userId));
    if (!member) {
      log.info({ jobId }, "no mail: the member is gone");
      return undefined;
    }
    return deps.mailer.deliver({
      jobKey,
      template: "welcome",
      recipient: member,
      content: welcomeMail(member, deps.publicUrl),
    });
  });
}
