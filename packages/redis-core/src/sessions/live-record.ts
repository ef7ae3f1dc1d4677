import type { SessionRecord, SessionRecordStore } from "./session-record-store.ts";
import { expiryOf, type SessionSettings } from "./session-settings.ts";
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

/**
 * Whether the record's token is older than it should become, as far as use was noted: by the server's times alone,
 * which a verification without a touch does not read again.
 */
export function isRotationDue(
  record: Pick<SessionRecord<unknown>, "previousDigest" | "previousValidUntilMs" | "createdAtMs" | "lastSeenAtMs">,
  digest: string,
  { rotateEveryMs, rotationGraceMs }: Pick<SessionSettings<unknown>, "rotateEveryMs" | "rotationGraceMs">,
): boolean {
  const { previousDigest, previousValidUntilMs, createdAtMs, lastSeenAtMs } = record;
  const issuedAtMs = previousDigest === null ? createdAtMs : previousValidUntilMs - rotationGraceMs;
  return digest !== previousDigest && lastSeenAtMs - issuedAtMs >= rotateEveryMs;
}
