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

/** Nothing was published between the two. Before the first entry anything may follow. */
export function isNextEntry(id: string, after: string): boolean {
  return after === "" || parseEntryId(id).number === parseEntryId(after).number + 1;
}

export function isLaterEntry(id: string, than: string): boolean {
  if (id === "" || than === "") {
    return id !== "" && than === "";
  }
  const [a, b] = [parseEntryId(id), parseEntryId(than)];
  return a.atMs === b.atMs ? a.number > b.number : a.atMs > b.atMs;
}
