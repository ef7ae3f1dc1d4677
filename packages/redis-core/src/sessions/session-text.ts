import { decode, encode } from "../codec/codec.ts";
import type { SessionRecord } from "./session-record-store.ts";
import type { Session, SessionDevice } from "./sessions.ts";

const header = /^s1\|([0-9a-f]+)\|([0-9a-f]+|-)\|(\d+)\|(\d+)\|(\d+)\|(\d+)\|(\d+)\|(\d+)\|/;

/** The text of a record as the scripts write it. */
export function formatRecord(record: SessionRecord<unknown>): string {
  const head = [
    "s1",
    record.secretDigest,
    record.previousDigest ?? "-",
    record.previousValidUntilMs,
    record.createdAtMs,
    record.lastSeenAtMs,
    record.expiresAtMs,
    record.absoluteUntilMs,
    record.revision,
  ];
  return `${head.join("|")}|${formatPayload(record.data, record.device)}`;
}

/** What a session carries besides its header. */
export function formatPayload(data: unknown, device: SessionDevice | null): string {
  return encode([data, device]);
}

/** Null for text that is no record. */
export function parseRecord<Data>(userId: string, id: string, text: string): SessionRecord<Data> | null {
  const match = header.exec(text);
  if (!match) {
    return null;
  }
  const [whole, secretDigest = "", previous, ...numbers] = match;
  const [
    previousValidUntilMs = 0,
    createdAtMs = 0,
    lastSeenAtMs = 0,
    expiresAtMs = 0,
    absoluteUntilMs = 0,
    revision = 0,
  ] = numbers.map(Number);
  let payload: unknown;
  try {
    payload = decode(text.slice(whole.length));
  } catch {
    return null;
  }
  if (!Array.isArray(payload) || payload.length !== 2) {
    return null;
  }
  const [data, device] = payload as [Data, SessionDevice | null];
  return {
    userId,
    id,
    secretDigest,
    previousDigest: previous === undefined || previous === "-" ? null : previous,
    previousValidUntilMs,
    data,
    device,
    createdAtMs,
    lastSeenAtMs,
    expiresAtMs,
    absoluteUntilMs,
    revision,
  };
}

export function toSession<Data>(record: SessionRecord<Data>, source: Session<Data>["source"]): Session<Data> {
  const { id, userId, data, device, createdAtMs, lastSeenAtMs, expiresAtMs } = record;
  return { id, userId, data, device, createdAtMs, lastSeenAtMs, expiresAtMs, source };
}

/** The data after a patch: merged where it is an object, replaced by what a function makes of it. */
export function applyPatch<Data>(data: Data, patch: Partial<Data> | ((data: Data) => Data)): Data {
  return typeof patch === "function" ? patch(data) : { ...data, ...patch };
}
