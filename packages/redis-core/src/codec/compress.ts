import { DecodeError } from "../errors.ts";

/** What follows is base64 of the deflated text (RFC 1951) of another form. */
const mark = "1z";

/** A few bytes must not become all of the memory: more than this is never made of them. */
const mostBytes = 64 * 1_048_576;

export function isCompressed(text: string): boolean {
  return text.startsWith(mark);
}

/** The encoded text deflated, or as it is where that is no shorter. */
export async function compress(text: string): Promise<string> {
  const deflated = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
  const compressed = mark + toBase64(deflated);
  return compressed.length < text.length ? compressed : text;
}

/**
 * What `compress` was given.
 *
 * @throws {DecodeError} for anything else.
 */
export async function expand(text: string): Promise<string> {
  try {
    const deflated = Uint8Array.from(atob(text.slice(mark.length)), (character) => character.charCodeAt(0));
    const bytes = await through(deflated, new DecompressionStream("deflate-raw"));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DecodeError("unreadable compressed value", { cause });
  }
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  transform: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(transform).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    length += read.value.length;
    if (length > mostBytes) {
      await reader.cancel();
      throw new RangeError(`more than ${mostBytes} bytes`);
    }
    chunks.push(read.value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8_192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  }
  return btoa(binary);
}
