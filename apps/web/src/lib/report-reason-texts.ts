import type { ReportReason } from "@cardinal/api/schemas";

/** What may be wrong with a message, in words. */
export const REPORT_REASON_TEXTS: Readonly<Record<ReportReason, string>> = {
  spam: "Spam or advertising",
  harassment: "Harassment",
  hate: "Hate",
  violence: "Violence or threats",
  sexual: "Sexual content",
  "private-data": "Somebody's private data",
  other: "Something else",
};
