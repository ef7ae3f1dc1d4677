import { z } from "zod";
import { countCharacters } from "./input-fault.ts";

/** What may be wrong with a message. */
export const reportReasonSchema = z.enum([
  "spam",
  "harassment",
  "hate",
  "violence",
  "sexual",
  "private-data",
  "other",
]);

/** A few words to those who moderate, or from them. */
export const reportNoteSchema = z
  .string()
  .trim()
  .refine((text) => countCharacters(text) <= 500, "at most 500 characters")
  .refine((text) => !/[\p{Cs}\u202A-\u202E\u2066-\u2069]/u.test(text), "no control characters");

/** How long a measure lasts, in seconds, a year at most; null: until it is lifted. */
export const measureSecSchema = z.int().min(60).max(31_536_000).nullable();

export type ReportReason = z.infer<typeof reportReasonSchema>;
