import { headerText } from "./mail-address.ts";
import { layOutMail } from "./mail-layout.ts";
import type { MailContent } from "./mail-message.ts";

/** `resetUrl` carries the one-time secret in its fragment, which browsers do not send to servers or referrers. */
export function passwordResetMail(
  member: { displayName: string },
  reset: { resetUrl: string; validMinutes: number },
): MailContent {
  return layOutMail({
    subject: "Set a new password for Cardinal",
    paragraphs: [
      `Hello ${headerText(member.displayName, 80)},`,
      `with this link you set a new password. It works once, for ${reset.validMinutes} minutes.`,
      "If you did not ask for it, nothing has changed and you need not do anything.",
    ],
    action: { label: "Set a new password", url: reset.resetUrl },
    footer: "You get this mail because somebody asked for a new password for the account with this address.",
  });
}
