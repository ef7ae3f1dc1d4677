/** A mail ready to send. The same `messageId` means the same mail: a second run of a job sends an equal one. */
export type MailMessage = {
  /** `local@domain` without angle brackets; made from the job's key, so receivers can drop a repeat. */
  messageId: string;
  to: { name: string; address: string };
  subject: string;
  text: string;
  html: string;
};

/** What a template makes: everything but the recipient. */
export type MailContent = Pick<MailMessage, "subject" | "text" | "html">;
