import { encodeKeySegment } from "../keyspace/key-segment.ts";
import { Misuse } from "../errors.ts";

/** An entry as the scripts write it: the header `c1|epoch|seq|created|fresh|grace|tags|`, then the value. */
export interface EntryText {
  readonly createdAtMs: number;
  readonly freshUntilMs: number;
  readonly tags: readonly string[];
  /** The value as the codec wrote it. */
  readonly text: string;
}

const header = /^c1\|\d+\|\d+\|(\d+)\|(\d+)\|\d+\|([^|]*)\|/;

/** Null for anything the scripts did not write. */
export function parseEntry(raw: string): EntryText | null {
  const match = header.exec(raw);
  if (!match) {
    return null;
  }
  const [whole, created, fresh, tags] = match;
  return {
    createdAtMs: Number(created),
    freshUntilMs: Number(fresh),
    tags: tags ? tags.split(",") : [],
    text: raw.slice(whole.length),
  };
}

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
