import type { SessionRecord, SessionRecordStore } from "./session-record-store.ts";
import { expiryOf } from "./session-settings.ts";
import type { ReadToken } from "./session-token.ts";

/** The record of a token, if the session is live by the given time and the secret still good. */
export async function findLiveRecord<Data>(
  records: SessionRecordStore<Data>,
  { userId, digest }: ReadToken,
  nowMs: number,
): Promise<SessionRecord<Data> | null> {
  const record = await records.find(userId, digest);
  if (!record || record.userId !== userId || nowMs >= record.expiresAtMs) {
    return null;
  }
  const inGrace = record.previousDigest === digest && nowMs < record.previousValidUntilMs;
  return record.secretDigest === digest || inGrace ? record : null;
}

/** The record as it is after a use; times only move forward. */
export function touchedRecord<Data>(
  record: SessionRecord<Data>,
  nowMs: number,
  idleMs: number,
): SessionRecord<Data> {
  return {
    ...record,
    lastSeenAtMs: Math.max(record.lastSeenAtMs, nowMs),
    expiresAtMs: Math.max(record.expiresAtMs, expiryOf(nowMs, idleMs, record.absoluteUntilMs)),
  };
}
