import { escapeHtml } from "./escape-html.ts";
import { headerText } from "./mail-address.ts";
import type { MailContent } from "./mail-message.ts";

export type MailParts = {
  subject: string;
  /** Plain paragraphs; they are escaped here, once. */
  paragraphs: string[];
  action?: { label: string; url: string };
  footer: string;
};

/** Lays one mail out twice, as plain text and as HTML, from the same parts. All texts may be hostile. */
export function layOutMail(parts: MailParts): MailContent {
  const { action } = parts;
  const text = [
    ...parts.paragraphs,
    ...(action === undefined ? [] : [`${action.label}:\n${action.url}`]),
    `-- \n${parts.footer}`,
  ].join("\n\n");
  const button =
    action === undefined
      ? ""
      : `<p style="margin:24px 0"><a href="${escapeHtml(action.url)}" style="background:#b3203a;color:#fff;` +
        `padding:10px 18px;border-radius:6px;text-decoration:none">${escapeHtml(action.label)}</a></p>`;
  const html =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(parts.subject)}</title></head>` +
    `<body style="font-family:system-ui,sans-serif;line-height:1.5;color:#1d1d1f;max-width:560px;margin:24px auto">` +
    parts.paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`).join("") +
    button +
    `<p style="color:#6e6e73;font-size:13px">${escapeHtml(parts.footer)}</p></body></html>`;
  return { subject: headerText(parts.subject), text: `${text}\n`, html };
}
