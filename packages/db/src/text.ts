/** The form in which two e-mail addresses are compared: trimmed, NFKC, lower case. */
export function normalizeEmail(email: string): string {
  return email.trim().normalize("NFKC").toLowerCase();
}

/** The form in which handles are stored and compared: trimmed, NFKC, lower case. */
export function normalizeUsername(username: string): string {
  return username.trim().normalize("NFKC").toLowerCase();
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
