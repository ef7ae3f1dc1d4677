import { sha256 } from "@noble/hashes/sha2.js";
import { Misuse } from "../errors.ts";
import { toBase64Url } from "../random.ts";

/** Longer identities are replaced by their digest, so that no key passes 256 bytes. */
const longestPlainSegment = 96;

const plain = /^[A-Za-z0-9_.@~-]+$/;

/**
 * Turns any text into a part of a key. Letters, digits and `_ . @ ~ -` stay; every other byte becomes
 * `%XX`, so user text can add no `:`, brace or glob. Text that would grow past 96 bytes becomes `#` and
 * its SHA-256. Injective but for collisions of SHA-256.
 *
 * @throws {Misuse} for the empty string and for lone surrogates, which have no UTF-8 form.
 */
export function encodeKeySegment(text: string): string {
  if (text.length <= longestPlainSegment && plain.test(text)) {
    return text;
  }
  if (text === "") {
    throw new Misuse("a key may not be empty");
  }
  if (!text.isWellFormed()) {
    throw new Misuse("a key must be well-formed Unicode");
  }
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= longestPlainSegment) {
    const encoded = encodeBytes(bytes);
    if (encoded.length <= longestPlainSegment) {
      return encoded;
    }
  }
  return `#${toBase64Url(sha256(bytes))}`;
}

function encodeBytes(bytes: Uint8Array): string {
  let encoded = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    encoded += plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}
