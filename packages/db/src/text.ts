/** The form in which two e-mail addresses are compared: NFKC, lower case, trimmed. */
export function normalizeEmail(email: string): string {
  return fold(email);
}

/** The form in which handles are stored and compared: NFKC, lower case, trimmed. */
export function normalizeUsername(username: string): string {
  return fold(username);
}

/** Folding twice changes nothing: some Greek letters compose anew after becoming lower case. */
function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().normalize("NFKC").trim();
}

/**
 * The form search compares: without accents, lower case, single spaces. "  Zoë  BANKS" becomes "zoe banks".
 */
export function normalizeForSearch(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "")
    .toLowerCase()
    .replaceAll(/\s+/gu, " ")
    .trim();
}

/** Text as data inside a LIKE pattern with `ESCAPE '\'`: `%`, `_` and `\` lose their meaning. */
export function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}
