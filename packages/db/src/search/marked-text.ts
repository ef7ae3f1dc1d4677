/** A piece of a text, as offsets in UTF-16 units: from `start` up to, but not including, `end`. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** What the index puts around a hit: code points that are no characters, and hardly in anybody's text. */
export const MARK_START = "\uFDD0";
export const MARK_END = "\uFDD1";

/** Where the marks stand in a text, given it with and without them. */
export function rangesOfMarks(text: string, marked: string): TextRange[] {
  const ranges: TextRange[] = [];
  let at = 0;
  let start: number | null = null;
  for (const unit of marked.split("")) {
    if (unit === MARK_START && text[at] !== unit) start = at;
    else if (unit === MARK_END && text[at] !== unit) {
      if (start !== null && at > start) ranges.push({ start, end: at });
      start = null;
    } else at += 1;
  }
  return ranges;
}

/** Where pieces of text stand in another, whatever the case of their ASCII letters. */
export function rangesOfLiterals(text: string, literals: readonly string[]): TextRange[] {
  const lower = toLowerAscii(text);
  return literals.flatMap((literal) => {
    const wanted = toLowerAscii(literal);
    const ranges: TextRange[] = [];
    for (let start = lower.indexOf(wanted); start !== -1; start = lower.indexOf(wanted, start + wanted.length)) {
      ranges.push({ start, end: start + wanted.length });
    }
    return ranges;
  });
}

/** The same ranges in order, those that touch made one. */
export function mergeRanges(ranges: readonly TextRange[]): TextRange[] {
  const merged: TextRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && range.start <= last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    } else merged.push(range);
  }
  return merged;
}

/** Letters beyond ASCII keep their case: some change their length with it. */
function toLowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
