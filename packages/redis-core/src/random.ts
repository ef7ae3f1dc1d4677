const poolSize = 4_096;
const pool = new Uint8Array(poolSize);
const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
let used = poolSize;

/**
 * Bytes from the platform's cryptographic generator, asked for 4 KB at a time: the call costs more than the
 * bytes. What was handed out is wiped from the pool.
 */
export function randomBytes(length: number): Uint8Array {
  if (length > poolSize) {
    return crypto.getRandomValues(new Uint8Array(length));
  }
  if (used + length > poolSize) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const bytes = pool.slice(used, used + length);
  pool.fill(0, used, used + length);
  used += length;
  return bytes;
}

/** `bytes` random bytes as lower-case hexadecimal; 16 bytes are as unguessable as a UUID and more. */
export function randomHex(bytes = 16): string {
  return toHex(randomBytes(bytes));
}

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    text += hexOfByte[byte] ?? "";
  }
  return text;
}

/** Base64 in the URL alphabet without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) {
    binary += String.fromCharCode(byte);
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Bytes of base64 text in the URL alphabet, or `null` when it is not that. */
export function fromBase64Url(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) {
    return null;
  }
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
