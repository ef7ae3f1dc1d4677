import type { TextRange } from "@cardinal/db";
import type { SearchHit } from "../../routers/chat/schemas.ts";

const LONGEST = 200;
/** So much stands before the first hit, if there is more. */
const LEAD = 50;
/** A cut is moved this far, to fall between words. */
const WORD = 20;

/** The part of a text about its first hit, in one line, and where the hits stand in it. */
export function toSnippet(text: string, ranges: readonly TextRange[]): SearchHit["snippet"] {
  const first = ranges[0]?.start ?? 0;
  const start = text.length <= LONGEST ? 0 : startBefore(text, Math.max(0, Math.min(first - LEAD, text.length - LONGEST)));
  const end = endBefore(text, Math.min(text.length, start + LONGEST));
  return {
    // One unit for each, so that the offsets stay.
    text: text.slice(start, end).replaceAll(/[\n\r\t\v\f\u2028\u2029]/g, " "),
    highlights: ranges
      .filter((range) => range.start < end && range.end > start)
      .map((range) => ({ start: Math.max(range.start, start) - start, end: Math.min(range.end, end) - start })),
    isCutBefore: start > 0,
    isCutAfter: end < text.length,
  };
}

function startBefore(text: string, at: number): number {
  if (at === 0) return 0;
  const space = text.slice(at, at + WORD).search(/\s/);
  return wholeAt(text, space === -1 ? at : at + space + 1);
}

function endBefore(text: string, at: number): number {
  if (at === text.length) return at;
  const space = text.slice(at - WORD, at).search(/\s\S*$/);
  return wholeAt(text, space === -1 ? at : at - WORD + space);
}

/** Not between the halves of a surrogate pair. */
function wholeAt(text: string, at: number): number {
  return /[\uDC00-\uDFFF]/.test(text.charAt(at)) ? at - 1 : at;
}
