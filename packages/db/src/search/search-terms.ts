/** What a member typed into a search box, as far as it can be looked for. */
export interface SearchTerms {
  /** Words that must stand in a message, in any order; of a quoted phrase, several in a row. */
  readonly phrases: readonly SearchPhrase[];
  /**
   * Pieces of text the index holds no words for, to be found as they stand: emoji, and scripts that are written without
   * spaces.
   */
  readonly literals: readonly string[];
}

export interface SearchPhrase {
  readonly words: readonly string[];
  /** The last word may go on: it is still being typed. */
  readonly isOpen: boolean;
}

/** More than this says nothing more, and would only cost. */
export const MOST_TERMS = 16;
/** A word that may go on is looked up by its beginning only from this length. */
const SHORTEST_OPEN_WORD = 2;
/** Each costs a little for every hit. */
const MOST_ROOM_TERMS = 64;

const QUOTED = /"([^"]*)"?/gu;
/** As the index cuts text into words: letters, digits, private use, and the marks upon them. */
export const WORD = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const EMOJI = /\p{RGI_Emoji}|\p{Extended_Pictographic}/gv;

/**
 * Reads what was typed. Quotes make a phrase; whatever else means something to the index (`AND`, `NEAR`, `-`, `*`, `:`,
 * brackets) is text like any other. Never throws; nothing to look for gives no terms.
 */
export function readSearchTerms(query: string): SearchTerms {
  const text = query.toWellFormed().normalize("NFC");
  const literals = new Set([...text.matchAll(EMOJI)].map(([emoji]) => emoji.replace(/\uFE0F$/u, "")));
  const phrases: SearchPhrase[] = [];
  const addWord = (word: string, isLast: boolean) => {
    if (UNSPACED.test(word)) literals.add(word);
    else phrases.push({ words: [word], isOpen: isLast && word.length >= SHORTEST_OPEN_WORD });
  };
  let from = 0;
  for (const quoted of text.matchAll(QUOTED)) {
    for (const word of wordsOf(text.slice(from, quoted.index))) addWord(word, false);
    const words = wordsOf(quoted[1] ?? "");
    if (words.some((word) => UNSPACED.test(word))) for (const word of words) addWord(word, false);
    else if (words.length > 0) phrases.push({ words, isOpen: false });
    from = quoted.index + quoted[0].length;
  }
  const rest = wordsOf(text.slice(from));
  rest.forEach((word, index) => addWord(word, index === rest.length - 1));
  return { phrases: phrases.slice(0, MOST_TERMS), literals: [...literals].slice(0, MOST_TERMS) };
}

/** The words as a query of the index; all of the text is quoted. Null where there are none to look up. */
export function toIndexQuery({ phrases }: SearchTerms): string | null {
  if (phrases.length === 0) return null;
  return phrases.map(({ words, isOpen }) => `body : ${quote(words.join(" "))}${isOpen ? " *" : ""}`).join(" AND ");
}

/**
 * A query narrowed to rooms and, if given, to one author: the index holds both, so that what others said costs nothing.
 * Of very many rooms only the rows can tell.
 */
export function within(query: string, roomIds: readonly string[], authorId: string | null): string {
  const parts = [query];
  if (roomIds.length <= MOST_ROOM_TERMS) {
    parts.push(`room : (${roomIds.map((id) => quote(toToken(id))).join(" OR ")})`);
  }
  if (authorId !== null) parts.push(`author : ${quote(toToken(authorId))}`);
  return parts.join(" AND ");
}

/** As the index holds ids: a UUID is one word. */
function toToken(id: string): string {
  return id.replaceAll("-", "");
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(WORD)].map(([word]) => word);
}
