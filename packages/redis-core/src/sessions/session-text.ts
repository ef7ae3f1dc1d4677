import { decode, encode } from "../codec/codec.ts";
import type { SessionRecord } from "./session-record-store.ts";
import type { Session, SessionDevice, VerifiedSession } from "./sessions.ts";

/*
 * A record in Redis: `s2`, the second half of the secret's digest (the first half finds it), five times of fourteen
 * digits (until when no use need be noted, expiry, last use, creation, absolute end), then `|revision|digest before or
 * -|until when that is good|` and the codec's text of data and device. What a verification looks at stands at fixed
 * places.
 */
const format = "s2";
const timeDigits = 14;
const headLength = 104;

/** A session as Redis keeps it: of the secret it knows only enough to prove it. */
export type StoredSession<Data> = Omit<SessionRecord<Data>, "secretDigest">;

/** The text of a record as the scripts write it. */
export function formatRecord(record: SessionRecord<unknown>, touchEveryMs: number): string {
  const { expiresAtMs, lastSeenAtMs, createdAtMs, absoluteUntilMs, revision } = record;
  const freshUntilMs = Math.min(lastSeenAtMs + touchEveryMs, expiresAtMs);
  const times = [freshUntilMs, expiresAtMs, lastSeenAtMs, createdAtMs, absoluteUntilMs].map((time) =>
    String(time).padStart(timeDigits, "0"),
  );
  const before = `${record.previousDigest ?? "-"}|${record.previousValidUntilMs}`;
  const payload = formatPayload(record.data, record.device);
  return `${format}${record.secretDigest.slice(32)}${times.join("")}|${revision}|${before}|${payload}`;
}

/** What a session carries besides its header. */
export function formatPayload(data: unknown, device: SessionDevice | null): string {
  return encode([data, device]);
}

/** Null for text that is no record. */
export function parseRecord<Data>(userId: string, id: string, text: string): StoredSession<Data> | null {
  const revisionAt = headLength + 1;
  const previousAt = text.indexOf("|", revisionAt) + 1;
  const untilAt = text.indexOf("|", previousAt) + 1;
  const payloadAt = text.indexOf("|", untilAt) + 1;
  if (!text.startsWith(format) || text.charAt(headLength) !== "|" || payloadAt === 0) {
    return null;
  }
  const expiresAtMs = readTime(text, 48);
  const lastSeenAtMs = readTime(text, 62);
  const createdAtMs = readTime(text, 76);
  const payload = readPayload(text.slice(payloadAt));
  if (!payload || Number.isNaN(expiresAtMs + lastSeenAtMs + createdAtMs)) {
    return null;
  }
  const [data, device] = payload as [Data, SessionDevice | null];
  const previous = text.slice(previousAt, untilAt - 1);
  return {
    userId,
    id,
    previousDigest: previous === "-" ? null : previous,
    previousValidUntilMs: Number(text.slice(untilAt, payloadAt - 1)),
    data,
    device,
    createdAtMs,
    lastSeenAtMs,
    expiresAtMs,
    absoluteUntilMs: readTime(text, 90),
    revision: Number(text.slice(revisionAt, previousAt - 1)),
  };
}

/** Digit by digit, which leaves no garbage; NaN where one is none. */
function readTime(text: string, from: number): number {
  let time = 0;
  for (let index = from; index < from + timeDigits; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) {
      return Number.NaN;
    }
    time = time * 10 + digit;
  }
  return time;
}

function readPayload(text: string): unknown[] | null {
  try {
    const payload = decode(text);
    return Array.isArray(payload) && payload.length === 2 ? payload : null;
  } catch {
    return null;
  }
}

export function toSession<Data>(record: StoredSession<Data>, source: Session<Data>["source"]): Session<Data> {
  const { id, userId, data, device, createdAtMs, lastSeenAtMs, expiresAtMs } = record;
  return { id, userId, data, device, createdAtMs, lastSeenAtMs, expiresAtMs, source };
}

/** What a verification answers; `isTouched` and `isRotationDue` as on `VerifiedSession`. */
export function toVerified<Data>(
  record: StoredSession<Data>,
  source: Session<Data>["source"],
  isTouched: boolean,
  isRotationDue: boolean,
): VerifiedSession<Data> {
  const { id, userId, data, device, createdAtMs, lastSeenAtMs, expiresAtMs } = record;
  return {
    id,
    userId,
    data,
    device,
    createdAtMs,
    lastSeenAtMs,
    expiresAtMs,
    source,
    isTouched,
    isRotationDue,
  };
}

/** The data after a patch: merged where it is an object, replaced by what a function makes of it. */
export function applyPatch<Data>(data: Data, patch: Partial<Data> | ((data: Data) => Data)): Data {
  return typeof patch === "function" ? patch(data) : { ...data, ...patch };
}
