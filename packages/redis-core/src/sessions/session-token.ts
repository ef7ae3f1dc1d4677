import { Misuse } from "../errors.ts";
import { fromBase64Url, randomBytes, toBase64Url } from "../random.ts";
import { sha256Hex } from "../sha256.ts";

/** A new secret, or what a token says. */
export interface ReadToken {
  readonly userId: string;
  /** SHA-256 of the secret, 64 hex characters. All that is ever stored of it. */
  readonly digest: string;
}

const secretBytes = 32;
const secretLength = 43;
const longestUserId = 256;
const shape = /^[A-Za-z0-9_-]{2,342}\.[A-Za-z0-9_-]{43}$/;

/** A new secret for a user. The token is all that ever holds it. */
export function issueToken(userId: string): ReadToken & { readonly token: string } {
  const bytes = new TextEncoder().encode(userId);
  if (bytes.length === 0 || bytes.length > longestUserId || !userId.isWellFormed()) {
    throw new Misuse(`a user id is 1 to ${longestUserId} bytes of well-formed text`);
  }
  const secret = toBase64Url(randomBytes(secretBytes));
  return { token: `${toBase64Url(bytes)}.${secret}`, userId, digest: sha256Hex(secret) };
}

/**
 * Null for anything that `issueToken` cannot have made: such a token costs no round trip. The text of the secret is
 * hashed, so that two spellings of the same bytes are two secrets.
 */
export function readToken(token: string): ReadToken | null {
  if (typeof token !== "string" || !shape.test(token)) {
    return null;
  }
  const dot = token.length - secretLength - 1;
  const userId = readUserId(token.slice(0, dot));
  return userId === null ? null : { userId, digest: sha256Hex(token.slice(dot + 1)) };
}

function readUserId(text: string): string | null {
  if (!isCanonical(text)) {
    return null;
  }
  const ascii = readAscii(text);
  if (ascii !== null) {
    return ascii;
  }
  try {
    const bytes = fromBase64Url(text) ?? new Uint8Array();
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** What most user ids are, read without a decoder. */
function readAscii(text: string): string | null {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  for (let index = 0; index < binary.length; index += 1) {
    if (binary.charCodeAt(index) > 127) {
      return null;
    }
  }
  return binary;
}

/** Whether the bits that the last character has left over are zero: else two texts would be one user. */
function isCanonical(text: string): boolean {
  const last = text.charAt(text.length - 1);
  switch (text.length % 4) {
    case 0:
      return true;
    case 2:
      return "AQgw".includes(last);
    case 3:
      return "AEIMQUYcgkosw048".includes(last);
    default:
      return false;
  }
}

/** Whether a session can have this id. */
export function isSessionId(id: string): boolean {
  return /^[0-9a-f]{32}$/.test(id);
}
