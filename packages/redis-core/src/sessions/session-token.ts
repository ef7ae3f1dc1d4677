import { Misuse } from "../errors.ts";
import { randomBytes, toBase64Url } from "../random.ts";
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
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** Character code → what it stands for. */
const sextets = Uint8Array.from({ length: 128 }, (_, code) => Math.max(0, alphabet.indexOf(String.fromCharCode(code))));
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

/**
 * The text that base64 stands for, where `issueToken` would have written it so: bits left over are zero, for else two
 * texts would be one user. Most ids are ASCII and need no decoder.
 */
function readUserId(text: string): string | null {
  let userId = "";
  let isAscii = true;
  let bits = 0;
  let held = 0;
  for (let index = 0; index < text.length; index += 1) {
    bits = ((bits << 6) | (sextets[text.charCodeAt(index)] ?? 0)) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      const byte = (bits >> held) & 0xff;
      isAscii &&= byte < 0x80;
      userId += String.fromCharCode(byte);
    }
  }
  if (held >= 6 || (bits & ((1 << held) - 1)) !== 0) {
    return null;
  }
  return isAscii ? userId : decodeUtf8(userId);
}

/** Null for bytes that are no well-formed text. */
function decodeUtf8(binary: string): string | null {
  try {
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Whether a session can have this id. */
export function isSessionId(id: string): boolean {
  return /^[0-9a-f]{32}$/.test(id);
}
