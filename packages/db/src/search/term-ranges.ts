import type { SearchPhrase, SearchTerms } from "./search-terms.ts";
import { WORD } from "./search-terms.ts";

/** A piece of a text, as offsets in UTF-16 units: from `start` up to, but not including, `end`. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

interface Word extends TextRange {
  readonly folded: string;
}

/**
 * Where terms stand in a text, ascending, those that touch made one. Words are compared as the index compares them, without
 * case and accents. (The index can mark them itself, but looks a word up anew for every message: twenty of a common one
 * took 25 ms.)
 */
export function rangesOfTerms(text: string, { phrases, literals }: SearchTerms): TextRange[] {
  const words = phrases.length === 0 ? [] : wordsOf(text);
  const found = [
    ...phrases.flatMap((phrase) => rangesOfPhrase(words, phrase)),
    ...literals.flatMap((literal) => rangesOfLiteral(text, literal)),
  ];
  return mergeRanges(found);
}

function wordsOf(text: string): Word[] {
  return [...text.matchAll(WORD)].map(({ 0: word, index }) => ({
    folded: fold(word),
    start: index,
    end: index + word.length,
  }));
}

function fold(word: string): string {
  return word
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase();
}

function rangesOfPhrase(words: readonly Word[], { words: wanted, isOpen }: SearchPhrase): TextRange[] {
  const folded = wanted.map(fold);
  const last = folded.length - 1;
  return words.flatMap(({ start }, at) => {
    const isThere = folded.every((word, index) => {
      const stands = words[at + index]?.folded;
      return index === last && isOpen ? stands?.startsWith(word) === true : stands === word;
    });
    return isThere ? [{ start, end: words[at + last]?.end ?? start }] : [];
  });
}

/** Whatever the case of its ASCII letters; others change their length with it. */
function rangesOfLiteral(text: string, literal: string): TextRange[] {
  const [lower, wanted] = [toLowerAscii(text), toLowerAscii(literal)];
  const ranges: TextRange[] = [];
  for (let start = lower.indexOf(wanted); start !== -1; start = lower.indexOf(wanted, start + wanted.length)) {
    ranges.push({ start, end: start + wanted.length });
  }
  return ranges;
}

function toLowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function mergeRanges(ranges: readonly TextRange[]): TextRange[] {
  const merged: TextRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && range.start <= last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    } else merged.push(range);
  }
  return merged;
}
