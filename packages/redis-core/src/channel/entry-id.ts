import { Misuse } from "../errors.ts";

/**
 * An entry's id is `<milliseconds>-<number>`: the numbers of a channel follow each other without a hole, so two
 * ids tell whether something lies between them. Empty stands before every entry.
 */
export function parseEntryId(id: string): { readonly atMs: number; readonly number: number } {
  const match = /^(\d{1,16})-(\d{1,16})$/.exec(id);
  if (!match) {
    throw new Misuse(`"${id}" is not an id of this channel`);
  }
  return { atMs: Number(match[1]), number: Number(match[2]) };
}

/** Before the first entry of a stream that is empty. */
export const beforeFirst = "0-0";

/** Nothing was published between the two. `after` empty: whatever is kept may be first. */
export function isNextEntry(id: string, after: string): boolean {
  if (after === "") {
    return true;
  }
  const { atMs, number } = parseEntryId(id);
  // The first entry of a stream is numbered by its time: 1000 a millisecond, more than Redis can take.
  return after === beforeFirst ? number === atMs * 1_000 : number === parseEntryId(after).number + 1;
}

export function isLaterEntry(id: string, than: string): boolean {
  if (id === "" || than === "") {
    return id !== "" && than === "";
  }
  const [a, b] = [parseEntryId(id), parseEntryId(than)];
  return a.atMs === b.atMs ? a.number > b.number : a.atMs > b.atMs;
}
