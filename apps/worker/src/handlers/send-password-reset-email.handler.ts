import { createHash, randomBytes } from "node:crypto";
import { oneTimeTokenQueries, userQueries, type Database } from "@cardinal/db";
import { defineHandler, sendPasswordResetEmail, type JobHandlerEntry } from "@cardinal/jobs";
import type { Mailer } from "../mail/mailer.ts";
import { passwordResetMail } from "../mail/password-reset-mail.ts";

const validMinutes = 60;

/**
 * Makes a one-time token of 256 bits and mails it; only its SHA-256 is stored, and before the mail leaves. The newest
 * mail is the one that works: a second run, as any later request, makes a new token and the ones before it end.
 */
export function sendPasswordResetEmailHandler(deps: {
  db: Database;
  mailer: Mailer;
  publicUrl: string;
}): JobHandlerEntry {
  return defineHandler(sendPasswordResetEmail, async ({ payload, jobKey, jobId, log }) => {
    const member = await deps.db.read((tx) => userQueries.findById(tx, payload.userId));
    if (!member || member.disabledAtMs !== null) {
      log.info({ jobId }, "no mail: the member is gone");
      return undefined;
    }
    const secret = randomBytes(32).toString("base64url");
    const nowMs = Date.now();
    await deps.db.write((tx) =>
      oneTimeTokenQueries.insert(tx, {
        id: createHash("sha256").update(secret).digest("hex"),
        userId: member.id,
        purpose: "reset-password",
        payload: {},
        createdAtMs: nowMs,
        expiresAtMs: nowMs + validMinutes * 60_000,
      }),
    );
    const resetUrl = new URL("/reset-password", deps.publicUrl);
    resetUrl.hash = `token=${secret}`;
    return deps.mailer.deliver({
      jobKey,
      template: "password-reset",
      recipient: member,
      content: passwordResetMail(member, { resetUrl: resetUrl.href, validMinutes }),
    });
  });
}
