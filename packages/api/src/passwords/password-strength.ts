import { PasswordTooCommon } from "../errors/domain-errors.ts";

interface PasswordOwner {
  readonly username: string;
  readonly displayName: string;
  readonly email: string;
}

// Long passwords that stand in every published list, and the words of this site.
const common = new Set([
  "passwordpassword",
  "password12345678",
  "password123456789",
  "123456789012345",
  "1234567890123456",
  "12345678901234567890",
  "qwertyuiopasdfgh",
  "qwertyuiopasdfghjkl",
  "qwertyuiopasdfghjklzxcvbnm",
  "1qaz2wsx3edc4rfv",
  "1q2w3e4r5t6y7u8i",
  "abcdefghijklmnop",
  "abcdefghijklmnopqrstuvwxyz",
  "iloveyouiloveyou",
  "letmeinletmeinletmein",
  "correct horse battery staple",
  "correcthorsebatterystaple",
  "administratoradministrator",
]);

const alphabet = "abcdefghijklmnopqrstuvwxyz";
const runs = [alphabet, "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm"];

/**
 * Refuses a password that a guesser tries first: a published one, a short piece repeated, one long run of the
 * alphabet or keyboard, or little besides the member's own names. Length and characters are the schema's
 * business.
 *
 * @throws {PasswordTooCommon} saying why.
 */
export function assertPasswordIsUncommon(
  password: string,
  owner: PasswordOwner,
  alsoRefused: readonly string[] = [],
): void {
  const plain = password.toLowerCase();
  if (common.has(plain) || alsoRefused.includes(plain)) {
    throw new PasswordTooCommon("it is on every list of common passwords");
  }
  if (/^(.{1,5}?)\1*$/su.test(plain) || new Set(plain).size < 5) {
    throw new PasswordTooCommon("it repeats a few characters");
  }
  if (runs.some((run) => (run + run).includes(plain) || reverse(run + run).includes(plain))) {
    throw new PasswordTooCommon("it is a row of the keyboard or the alphabet");
  }
  if (ownWordsRemoved(plain, owner).length < 4) {
    throw new PasswordTooCommon("it is mostly your own name or address");
  }
}

function reverse(text: string): string {
  return Array.from(text).toReversed().join("");
}

function ownWordsRemoved(plain: string, owner: PasswordOwner): string {
  const words = [owner.email, owner.username, owner.displayName, "cardinal", "password"]
    .flatMap((text) => [text, ...text.split(/[\s@._-]+/)])
    .map((word) => word.toLowerCase())
    .filter((word) => word.length >= 3)
    .toSorted((a, b) => b.length - a.length);
  return words.reduce((rest, word) => rest.replaceAll(word, ""), plain).replaceAll(/[\s\d@._-]/g, "");
}
