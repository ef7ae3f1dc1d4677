import { PermanentJobError } from "@cardinal/jobs";
import { createTransport } from "nodemailer";
import { isPlainMailAddress } from "./mail-address.ts";
import type { MailMessage } from "./mail-message.ts";

export type SmtpMailSender = {
  /** Resolves when the server has taken the mail. */
  send(message: MailMessage): Promise<void>;
};

/**
 * Sends by SMTP, one connection a mail. Header fields are handed over as structured values and both addresses are
 * checked to be plain ones, so no text of a member can add a header or a recipient; files and URLs as content are
 * switched off. A recipient the server refuses for good is a `PermanentJobError`; all else may be tried again.
 */
export function createSmtpMailSender(options: {
  url: string;
  from: { name: string; address: string };
}): SmtpMailSender {
  requirePlain(options.from.address);
  return {
    async send(message) {
      requirePlain(message.to.address);
      const transport = createTransport({
        url: options.url,
        connectionTimeout: 10_000,
        greetingTimeout: 10_000,
        socketTimeout: 20_000,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      try {
        await transport.sendMail({
          messageId: `<${message.messageId}>`,
          from: options.from,
          to: message.to,
          subject: message.subject,
          text: message.text,
          html: message.html,
          headers: { "Auto-Submitted": "auto-generated" },
          disableFileAccess: true,
          disableUrlAccess: true,
        });
      } catch (error) {
        throw isRefusedRecipient(error) ? new PermanentJobError("the recipient was refused", { cause: error }) : error;
      } finally {
        transport.close();
      }
    },
  };
}

function requirePlain(address: string): void {
  if (!isPlainMailAddress(address)) throw new PermanentJobError("not a plain mail address");
}

function isRefusedRecipient(error: unknown): boolean {
  if (!(error instanceof Error) || !("command" in error) || !("responseCode" in error)) return false;
  return error.command === "RCPT TO" && Number(error.responseCode) >= 500;
}
