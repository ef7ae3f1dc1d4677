import { createTransport } from "nodemailer";
import type { MailMessage } from "./mail-message.ts";
import { isPlainMailAddress } from "./mail-address.ts";

export type SmtpMailSender = {
  /** Resolves when the server has taken the mail; aborting closes the connection at once. */
  send(message: MailMessage, options: { signal: AbortSignal }): Promise<void>;
};

/**
 * Sends by SMTP, one connection for each mail. Header fields are handed to nodemailer as structured values and the
 * address was checked by the caller, so no text of a member can add a header or a recipient. Files and URLs as
 * content are switched off.
 */
export function createSmtpMailSender(options: { url: string; from: { name: string; address: string } }): SmtpMailSender {
  if (!isPlainMailAddress(options.from.address)) {
    throw new Error(`the sender's address is not a plain address: ${JSON.stringify(options.from.address)}`);
  }
  return {
    async send(message, { signal }) {
      signal.throwIfAborted();
      const transport = createTransport({
        url: options.url,
        connectionTimeout: 10_000,
        greetingTimeout: 10_000,
        socketTimeout: 20_000,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const abort = (): void => transport.close();
      signal.addEventListener("abort", abort, { once: true });
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
      } finally {
        signal.removeEventListener("abort", abort);
        transport.close();
      }
    },
  };
}
