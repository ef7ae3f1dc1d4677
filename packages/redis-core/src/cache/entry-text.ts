import { encodeKeySegment } from "../keyspace/key-segment.ts";
import { Misuse } from "../errors.ts";

/**
 * Version of an entry's header. It is part of its key, so that processes of two releases share Redis during a
 * deploy, and what invalidates, without reading each other's entries.
 */
export const entryFormat = 2;

/**
 * An entry as the scripts write it: `c2|epoch|seq|created|fresh until|grace until|load ms|tags|`, then the value.
 * Few readers need more of it than the value, so the header is taken apart only when it is asked for.
 */
export class EntryText {
  /** The value as the codec wrote it, perhaps compressed. */
  readonly text: string;
  readonly #header: string;

  private constructor(header: string, text: string) {
    this.#header = header;
    this.text = text;
  }

  /** Null for anything the scripts did not write. */
  static parse(raw: string): EntryText | null {
    if (!raw.startsWith(mark)) {
      return null;
    }
    let end = mark.length;
    for (let field = 1; field < fields; field += 1) {
      end = raw.indexOf("|", end) + 1;
      if (end === 0) {
        return null;
      }
    }
    return new EntryText(raw.slice(0, end), raw.slice(end));
  }

  get createdAtMs(): number {
    return Number(this.#field(3));
  }

  get freshUntilMs(): number {
    return Number(this.#field(4));
  }

  get loadMs(): number {
    return Number(this.#field(6));
  }

  /** Encoded. */
  get tags(): string[] {
    const tags = this.#field(7);
    return tags === "" ? [] : tags.split(",");
  }

  #field(index: number): string {
    return this.#header.split("|")[index] ?? "";
  }
}

const mark = `c${entryFormat}|`;
const fields = 8;

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
