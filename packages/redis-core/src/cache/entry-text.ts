import { encodeKeySegment } from "../keyspace/key-segment.ts";
import { Misuse } from "../errors.ts";

/**
 * Version of what the scripts keep of an entry, a lease and the meta. It is part of the namespace's keys, so that
 * processes of two versions share Redis during a deploy without reading each other's.
 */
export const entryFormat = 2;

/** An entry as the scripts write it: `c2|epoch|seq|created|fresh until|grace until|load ms|tags|`, then the value. */
export interface EntryText {
  readonly createdAtMs: number;
  readonly freshUntilMs: number;
  readonly loadMs: number;
  readonly tags: readonly string[];
  /** The value as the codec wrote it, perhaps compressed. */
  readonly text: string;
}

const fields = 8;

/** Null for anything the scripts did not write. */
export function parseEntry(raw: string): EntryText | null {
  const header = raw.split("|", fields);
  const [mark, , , created, fresh, , load, tags] = header;
  if (mark !== `c${entryFormat}` || tags === undefined) {
    return null;
  }
  const length = header.reduce((sum, field) => sum + field.length + 1, 0);
  return {
    createdAtMs: Number(created),
    freshUntilMs: Number(fresh),
    loadMs: Number(load),
    tags: tags === "" ? noTags : tags.split(","),
    text: raw.slice(length),
  };
}

const noTags: readonly string[] = [];

const mostTags = 64;

/** Tags as Redis keeps them: any text, without commas and bars, each once. */
export function encodeTags(tags: Iterable<string>): string[] {
  const encoded = [...new Set(Array.from(tags, encodeKeySegment))];
  if (encoded.length > mostTags) {
    throw new Misuse(`an entry has at most ${mostTags} tags, got ${encoded.length}`);
  }
  return encoded;
}

/** The tag's own text; one kept as a digest stays that. */
export function decodeTag(tag: string): string {
  return tag.startsWith("#") ? tag : decodeURIComponent(tag);
}
