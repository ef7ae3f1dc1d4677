import { headerText } from "./mail-address.ts";
import { layOutMail } from "./mail-layout.ts";
import type { MailContent } from "./mail-message.ts";

export function welcomeMail(member: { displayName: string; username: string }, publicUrl: string): MailContent {
  const name = headerText(member.displayName, 80);
  return layOutMail({
    subject: `Welcome to Cardinal, ${name}`,
    paragraphs: [
      `Hello ${name},`,
      `your account is ready. You sign in as ${member.username}, or with this address.`,
      "Join a room, say hello, and have a look at the leaderboards.",
    ],
    action: { label: "Open Cardinal", url: publicUrl },
    footer: "You get this mail because somebody signed up to Cardinal with this address.",
  });
}
