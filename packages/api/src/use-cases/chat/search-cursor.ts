import { MalformedCursor } from "../../errors/domain-errors.ts";

/** Where a search goes on: before a place, or with what is left of the best. */
export type SearchCursor =
  | { readonly sort: "newest"; readonly before: number }
  | { readonly sort: "best"; readonly rest: readonly number[] };

const NUMBER = /^[0-9a-z]{1,10}$/;

export function formatSearchCursor(cursor: SearchCursor): string {
  const numbers = cursor.sort === "newest" ? [cursor.before] : cursor.rest;
  return [cursor.sort, ...numbers.map((number) => number.toString(36))].join(".");
}

/** @throws {MalformedCursor} for text `formatSearchCursor` cannot have made for this order. */
export function parseSearchCursor(text: string, sort: SearchCursor["sort"]): SearchCursor {
  const [made, ...parts] = text.split(".");
  const [first, ...others] = parts.map((part) => (NUMBER.test(part) ? Number.parseInt(part, 36) : Number.NaN));
  const numbers = first === undefined ? [] : [first, ...others];
  if (made !== sort || first === undefined || !numbers.every(Number.isSafeInteger)) {
    throw new MalformedCursor();
  }
  return sort === "newest" ? { sort, before: first } : { sort, rest: numbers };
}
