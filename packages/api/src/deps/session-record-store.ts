import {
  type Database,
  sessionQueries,
  type SessionRow,
  type WriteTransaction,
} from "@cardinal/db";
import type { PendingDrop, SessionRecord, SessionRecordStore } from "@cardinal/redis-core/sessions";
import { z } from "zod";
import { refuseSuspended } from "../use-cases/moderation/refuse-banned.ts";
import type { SessionData } from "./app-deps.ts";

const dataSchema = z.object({ via: z.literal("password") });

const deviceSchema = z
  .object({ userAgent: z.string(), address: z.string(), label: z.string() })
  .partial()
  .transform((device) => ({
    ...(device.userAgent === undefined ? {} : { userAgent: device.userAgent }),
    ...(device.address === undefined ? {} : { address: device.address }),
    ...(device.label === undefined ? {} : { label: device.label }),
  }));

const MOST_PENDING = 1_000;

/** Sessions' durable truth in SQLite: see `SessionRecordStore` for what every method promises. */
export function createSessionRecordStore(db: Database, now: () => number): SessionRecordStore<SessionData> {
  return {
    insert: (record, maxPerUser, onMax) =>
      db.write((tx) => {
        const { userId, createdAtMs: nowMs } = record;
        // In this transaction, so that no session is begun between a suspension and its revocations.
        refuseSuspended(tx, userId, now());
        const since = onMax === "revoke-idlest" ? "lastSeenAtMs" : "createdAtMs";
        const live = sessionQueries
          .listActive(tx, userId, nowMs)
          .toSorted((a, b) => a[since] - b[since]);
        const excess = live.slice(0, Math.max(0, live.length + 1 - maxPerUser));
        if (excess.length > 0 && onMax === "refuse") {
          return null;
        }
        insertRecord(tx, record);
        const ids = excess.map(({ id }) => id);
        return sessionQueries.revokeLive(tx, userId, { ids, nowMs }).map(dropOf);
      }),

    find: (userId, digest) =>
      db.read((tx) => {
        const row = sessionQueries.findByDigest(tx, userId, digest, now());
        return row === undefined ? null : toRecord(row);
      }),

    touch: async (_userId, id, times) => {
      await db.write((tx) => sessionQueries.touch(tx, id, times));
    },

    update: (userId, id, revision, { data, device }) =>
      db.write((tx) => {
        const change = { data: { via: data.via }, device: device && { ...device } };
        const row = sessionQueries.update(tx, { userId, id, revision }, change, now());
        return row === undefined ? null : dropOf(row);
      }),

    rotate: (userId, id, change) =>
      db.write((tx) => {
        const row = sessionQueries.rotate(tx, { userId, id }, change, now());
        return row === undefined ? null : dropOf(row);
      }),

    revoke: (userId, target, atMs) =>
      db.write((tx) => {
        const which = "all" in target ? {} : target;
        return sessionQueries.revokeLive(tx, userId, { ...which, nowMs: atMs }).map(dropOf);
      }),

    list: (userId) => db.read((tx) => sessionQueries.listActive(tx, userId, now()).map(toRecord)),

    hasPending: (userId) => db.read((tx) => sessionQueries.hasUnsynced(tx, userId)),

    pending: (userId) =>
      db.read((tx) =>
        sessionQueries
          .listUnsynced(tx, userId === undefined ? { limit: MOST_PENDING } : { userId })
          .map(dropOf),
      ),

    revokedSince: async (sinceMs) => {
      const rows = await db.read((tx) => sessionQueries.listRevokedSince(tx, sinceMs, 100_000));
      return rows.map(({ userId, id }) => ({ userId, id }));
    },

    confirm: async (drops) => {
      const revisions = drops.map(({ id, change }) => ({ id, revision: Number(change) }));
      await db.write((tx) => sessionQueries.markSynced(tx, revisions));
    },
  };
}

function insertRecord(tx: WriteTransaction, record: SessionRecord<SessionData>): void {
  sessionQueries.insert(tx, {
    id: record.id,
    userId: record.userId,
    secretDigest: record.secretDigest,
    previousDigest: record.previousDigest,
    previousValidUntilMs: record.previousDigest === null ? null : record.previousValidUntilMs,
    revision: record.revision,
    data: { via: record.data.via },
    device: record.device === null ? null : { ...record.device },
    createdAtMs: record.createdAtMs,
    lastSeenAtMs: record.lastSeenAtMs,
    expiresAtMs: record.expiresAtMs,
    absoluteExpiresAtMs: record.absoluteUntilMs,
  });
}

/** Each change is a revision, a revocation the last one. */
function dropOf({ userId, id, revokedAtMs, revision }: SessionRow): PendingDrop {
  return { userId, id, revoked: revokedAtMs !== null, change: String(revision) };
}

function toRecord(row: SessionRow): SessionRecord<SessionData> {
  return {
    userId: row.userId,
    id: row.id,
    secretDigest: row.secretDigest,
    previousDigest: row.previousDigest,
    previousValidUntilMs: row.previousValidUntilMs ?? 0,
    data: dataSchema.parse(row.data),
    device: row.device === null ? null : deviceSchema.parse(row.device),
    createdAtMs: row.createdAtMs,
    lastSeenAtMs: row.lastSeenAtMs,
    expiresAtMs: row.expiresAtMs,
    absoluteUntilMs: row.absoluteExpiresAtMs,
    revision: row.revision,
  };
}
