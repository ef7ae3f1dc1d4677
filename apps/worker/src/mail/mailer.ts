import { mailQueries, type UserRow } from "@cardinal/db";
import { type JobEffect, PermanentJobError } from "@cardinal/jobs";
import { headerText, isPlainMailAddress } from "./mail-address.ts";
import type { MailContent, MailMessage } from "./mail-message.ts";
import { type SmtpMailSender, createSmtpMailSender } from "./smtp-mail-sender.ts";

export type MailJob = {
  /** Makes the mail's identity: equal for every run of one job. */
  jobKey: string;
  template: string;
  recipient: Pick<UserRow, "id" | "email" | "displayName">;
  content: MailContent;
};

export type Mailer = {
  /**
   * Takes a mail to its way out and returns the database effect that goes with it.
   *
   * With SMTP the mail has left when this resolves: at least once, with the same Message-ID each time. Without, the
   * effect stores it in the table `mail`, where a developer reads it: exactly once, with the job's end.
   */
  deliver(mail: MailJob): Promise<JobEffect | void>;
};

export function createMailer(options: {
  smtpUrl: string | null;
  from: { name: string; address: string };
  clock?: () => number;
}): Mailer {
  const { smtpUrl, from, clock = Date.now } = options;
  const smtp: SmtpMailSender | null = smtpUrl === null ? null : createSmtpMailSender({ url: smtpUrl, from });
  const domain = from.address.slice(from.address.indexOf("@") + 1);
  return {
    async deliver({ jobKey, template, recipient, content }) {
      if (!isPlainMailAddress(recipient.email)) throw new PermanentJobError("not a plain mail address");
      const message: MailMessage = {
        ...content,
        messageId: `${jobKey.replaceAll(/[^A-Za-z0-9._-]/g, "-")}@${domain}`,
        to: { name: headerText(recipient.displayName, 80), address: recipient.email },
      };
      if (smtp !== null) return smtp.send(message);
      return (tx) => {
        mailQueries.insertOnce(tx, {
          idempotencyKey: jobKey,
          userId: recipient.id,
          template,
          toAddress: message.to.address,
          toName: message.to.name,
          fromAddress: from.address,
          subject: message.subject,
          text: message.text,
          html: message.html,
          nowMs: clock(),
        });
      };
    },
  };
}
