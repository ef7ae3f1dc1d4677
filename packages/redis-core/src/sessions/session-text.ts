import { decode, encode } from "../codec/codec.ts";
import type { SessionRecord } from "./session-record-store.ts";
import type { Session, SessionDevice } from "./sessions.ts";

/*
 * A record in Redis: `s2`, the second half of the secret's digest (the first half finds it), five times of fourteen
 * digits (until when no use need be noted, expiry, last use, creation, absolute end), then `|revision|digest before or
 * -|until when that is good|` and the codec's text of data and device. What a verification looks at stands at fixed
 * places.
 */
const format = "s2";
const timeDigits = 14;
const headLength = 104;

/** A session as Redis keeps it. Of the secret it knows only enough to prove it. */
export interface StoredSession<Data> extends Omit<SessionRecord<Data>, "secretDigest"> {
  /** The second half of the secret's digest. */
  readonly proof: string;
}

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
  const times = {
    expiresAtMs: Number(text.slice(48, 62)),
    lastSeenAtMs: Number(text.slice(62, 76)),
    createdAtMs: Number(text.slice(76, 90)),
    absoluteUntilMs: Number(text.slice(90, headLength)),
  };
  const payload = readPayload(text.slice(payloadAt));
  if (!payload || Number.isNaN(times.expiresAtMs + times.lastSeenAtMs + times.createdAtMs)) {
    return null;
  }
  const [data, device] = payload as [Data, SessionDevice | null];
  const previous = text.slice(previousAt, untilAt - 1);
  return {
    userId,
    id,
    proof: text.slice(format.length, 34),
    previousDigest: previous === "-" ? null : previous,
    previousValidUntilMs: Number(text.slice(untilAt, payloadAt - 1)),
    data,
    device,
    ...times,
    revision: Number(text.slice(revisionAt, previousAt - 1)),
  };
}

function readPayload(text: string): unknown[] | null {
  try {
    const payload = decode(text);
    return Array.isArray(payload) && payload.length === 2 ? payload : null;
  } catch {
    return null;
  }
}

export function toSession<Data>(
  record: Omit<StoredSession<Data>, "proof">,
  source: Session<Data>["source"],
): Session<Data> {
  const { id, userId, data, device, createdAtMs, lastSeenAtMs, expiresAtMs } = record;
  return { id, userId, data, device, createdAtMs, lastSeenAtMs, expiresAtMs, source };
}

/** The data after a patch: merged where it is an object, replaced by what a function makes of it. */
export function applyPatch<Data>(data: Data, patch: Partial<Data> | ((data: Data) => Data)): Data {
  return typeof patch === "function" ? patch(data) : { ...data, ...patch };
}
