import { Misuse } from "../errors.ts";
import { formatScore, parseScore } from "./score-text.ts";

/** A place in a board's order: its score and its tie-breaking member. */
export interface PageCursor {
  readonly score: number;
  readonly place: string;
}

export function encodeCursor({ score, place }: PageCursor): string {
  return `${formatScore(score)}~${place}`;
}

/** @throws {Misuse} for text that `encodeCursor` did not make. */
export function decodeCursor(text: string): PageCursor {
  const split = text.indexOf("~");
  const place = text.slice(split + 1);
  if (split < 1 || !/^\d{16}:./s.test(place)) {
    throw new Misuse("not a cursor of this board");
  }
  return { score: parseScore(text.slice(0, split)), place };
}

/** The member of a tie-breaking member `<16 digits>:<member>`. */
export function memberOf(place: string): string {
  return place.slice(17);
}
