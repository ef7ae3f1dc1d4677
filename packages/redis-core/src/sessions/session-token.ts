import { sha256 } from "@noble/hashes/sha2.js";
import { Misuse } from "../errors.ts";
import { fromBase64Url, randomBytes, toBase64Url, toHex } from "../random.ts";

/** A secret by what may be stored of it. */
export interface SecretDigest {
  /** SHA-256 of the secret, 64 hex characters. */
  readonly digest: string;
  /** Its first half, by which the session is found. */
  readonly lookup: string;
}

export interface ReadToken extends SecretDigest {
  readonly userId: string;
}

const secretBytes = 32;
const longestUserId = 256;
const shape = /^([A-Za-z0-9_-]{2,344})\.([A-Za-z0-9_-]{43})$/;

/** A new secret for a user. The token is all that ever holds it. */
export function issueToken(userId: string): SecretDigest & { readonly token: string } {
  const bytes = new TextEncoder().encode(userId);
  if (bytes.length === 0 || bytes.length > longestUserId || !userId.isWellFormed()) {
    throw new Misuse(`a user id is 1 to ${longestUserId} bytes of well-formed text`);
  }
  const secret = toBase64Url(randomBytes(secretBytes));
  return { token: `${toBase64Url(bytes)}.${secret}`, ...digestOf(secret) };
}

/** Null for anything that `issueToken` cannot have made: such a token costs no round trip. */
export function readToken(token: string): ReadToken | null {
  const [, user = "", secret = ""] = shape.exec(token) ?? [];
  const bytes = fromBase64Url(user);
  if (!bytes || bytes.length === 0 || bytes.length > longestUserId || toBase64Url(bytes) !== user) {
    return null;
  }
  try {
    const userId = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { userId, ...digestOf(secret) };
  } catch {
    return null;
  }
}

/** The text of the secret is hashed, so that two spellings of the same bytes are two secrets. */
function digestOf(secret: string): SecretDigest {
  const digest = toHex(sha256(new TextEncoder().encode(secret)));
  return { digest, lookup: digest.slice(0, 32) };
}
