const LINE_END = "\r\n";
const BULK = "$".charCodeAt(0);
const AGGREGATES = new Set(["*", ">", "~"].map((type) => type.charCodeAt(0)));

/** Cuts a stream of Redis' protocol (version 2 or 3) into whole requests or replies. */
export class RedisFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are complete with this chunk, byte for byte. */
  push(chunk: Buffer): Buffer[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[] = [];
    let from = 0;
    for (let end = endOf(bytes, from); end !== null; end = endOf(bytes, from)) {
      frames.push(bytes.subarray(from, end));
      from = end;
    }
    this.#rest = bytes.subarray(from);
    return frames;
  }
}

/** The strings of a flat array, such as a request or a pushed message; of other frames nothing. */
export function stringsOf(frame: Buffer): string[] {
  if (!AGGREGATES.has(frame[0] ?? 0)) return [];
  const strings: string[] = [];
  for (let at = frame.indexOf(LINE_END) + 2; at < frame.length; ) {
    const line = frame.indexOf(LINE_END, at);
    if (frame[at] !== BULK) return strings;
    const length = Number(frame.toString("latin1", at + 1, line));
    strings.push(frame.toString("utf8", line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
  return strings;
}

/** Where the frame that begins at `from` ends; null when part of it has yet to come. */
function endOf(bytes: Buffer, from: number): number | null {
  const line = bytes.indexOf(LINE_END, from);
  if (line === -1) return null;
  const type = bytes[from] ?? 0;
  const next = line + 2;
  if (type === BULK) {
    const length = Number(bytes.toString("latin1", from + 1, line));
    const end = length < 0 ? next : next + length + 2;
    return end <= bytes.length ? end : null;
  }
  if (!AGGREGATES.has(type)) return next;
  let end: number | null = next;
  for (let left = Number(bytes.toString("latin1", from + 1, line)); left > 0 && end !== null; left -= 1) {
    end = endOf(bytes, end);
  }
  return end;
}
