/** A piece of a text: `name` is the username it names, or null for anything else. */
export interface TextPart {
  /** Where it begins. */
  readonly at: number;
  readonly part: string;
  readonly name: string | null;
}

const NAME = /(?<![\p{L}\p{N}_@./-])@([a-z][a-z0-9_-]{1,29})(?![\p{L}\p{N}_])/giu;

/** A text in pieces, cut where it names a member by `@username`, as the server finds them. */
export function splitNames(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(NAME)) {
    if (match.index > from) parts.push({ at: from, part: text.slice(from, match.index), name: null });
    parts.push({ at: match.index, part: match[0], name: (match[1] ?? "").toLowerCase() });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ at: from, part: text.slice(from), name: null });
  return parts;
}
