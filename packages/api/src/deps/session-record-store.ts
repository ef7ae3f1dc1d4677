import {
  type Database,
  type JsonObject,
  type ReadTransaction,
  sessionQueries,
  type SessionRow,
  type WriteTransaction,
} from "@cardinal/db";
import type { PendingDrop, SessionRecord, SessionRecordStore } from "@cardinal/redis-core/sessions";
import { z } from "zod";
import type { SessionData } from "./app-deps.ts";

// What the row's JSON holds besides its own columns: the secret's digests change with a rotation, the row's
// id does not.
const storedSchema = z.object({
  secretDigest: z.string(),
  previousDigest: z.string().nullable(),
  previousValidUntilMs: z.number(),
  revision: z.number(),
  data: z.object({ via: z.literal("password") }),
});
type Stored = z.infer<typeof storedSchema>;

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
    insert: (record, maxPerUser) =>
      db.write((tx) => {
        insertRecord(tx, record);
        // Last seen first, hence the newest of equally old ones stays.
        const live = sessionQueries
          .listActive(tx, record.userId, record.createdAtMs)
          .toSorted(
            (a, b) =>
              Number(b.id === record.id) - Number(a.id === record.id) || b.createdAtMs - a.createdAtMs,
          );
        return live.slice(maxPerUser).flatMap(({ id }) => revokeOne(tx, id, record.createdAtMs));
      }),

    find: (userId, digest) =>
      db.read((tx) => {
        const rows = sessionQueries.listActive(tx, userId, now());
        return (
          rows.map(toRecord).find((it) => it.secretDigest === digest || it.previousDigest === digest) ?? null
        );
      }),

    touch: async (_userId, id, times) => {
      await db.write((tx) => sessionQueries.touch(tx, id, times));
    },

    update: (userId, id, revision, data) =>
      db.write((tx) => {
        const record = findLive(tx, userId, id, now());
        return record?.revision === revision ? change(tx, record, { data }) : null;
      }),

    rotate: (userId, id, { from, to, previousValidUntilMs }) =>
      db.write((tx) => {
        const record = findLive(tx, userId, id, now());
        return record?.secretDigest === from
          ? change(tx, record, { secretDigest: to, previousDigest: from, previousValidUntilMs })
          : null;
      }),

    revoke: (userId, target, atMs) =>
      db.write((tx) => {
        const live = sessionQueries.listActive(tx, userId, now());
        const ids = live
          .map(({ id }) => id)
          .filter((id) => {
            if ("ids" in target) {
              return target.ids.includes(id);
            }
            return "all" in target || id !== target.exceptId;
          });
        return ids.flatMap((id) => revokeOne(tx, id, atMs));
      }),

    list: (userId) => db.read((tx) => sessionQueries.listActive(tx, userId, now()).map(toRecord)),

    hasPending: (userId) => db.read((tx) => sessionQueries.hasUnsyncedRevocation(tx, userId)),

    pending: (userId) =>
      db.read((tx) =>
        listUnconfirmed(tx, userId).flatMap((id) => {
          const row = sessionQueries.findById(tx, id);
          return row === undefined ? [] : [dropOf(row)];
        }),
      ),

    revokedSince: async (sinceMs) => {
      const rows = await db.read((tx) => sessionQueries.listRevokedSince(tx, sinceMs, 100_000));
      return rows.map(({ userId, id }) => ({ userId, id }));
    },

    confirm: async (drops) => {
      await db.write((tx) => {
        const current = drops.filter(({ id, change: confirmed }) => {
          const row = sessionQueries.findById(tx, id);
          return row !== undefined && dropOf(row).change === confirmed;
        });
        sessionQueries.markRevocationSynced(
          tx,
          current.map(({ id }) => id),
        );
      });
    },
  };
}

function listUnconfirmed(tx: ReadTransaction, userId: string | undefined): string[] {
  const unconfirmed = "SELECT id FROM session WHERE redis_synced = 0";
  const rows =
    userId === undefined
      ? tx.statement<{ id: string }>(`${unconfirmed} LIMIT ${MOST_PENDING}`).all()
      : tx.statement<{ id: string }>(`${unconfirmed} AND user_id = ?`).all(userId);
  return rows.map(({ id }) => id);
}

function insertRecord(tx: WriteTransaction, record: SessionRecord<SessionData>): void {
  sessionQueries.insert(tx, {
    id: record.id,
    userId: record.userId,
    data: storedOf(record),
    device: record.device === null ? null : { ...record.device },
    createdAtMs: record.createdAtMs,
    lastSeenAtMs: record.lastSeenAtMs,
    expiresAtMs: record.expiresAtMs,
    absoluteExpiresAtMs: record.absoluteUntilMs,
  });
}

function revokeOne(tx: WriteTransaction, id: string, atMs: number): PendingDrop[] {
  const row = sessionQueries.revoke(tx, id, atMs);
  return row === undefined ? [] : [dropOf(row)];
}

function findLive(
  tx: ReadTransaction,
  userId: string,
  id: string,
  nowMs: number,
): SessionRecord<SessionData> | undefined {
  const row = sessionQueries.findById(tx, id);
  const isLive = row?.userId === userId && row.revokedAtMs === null && row.expiresAtMs > nowMs;
  return isLive ? toRecord(row) : undefined;
}

/** Writes a changed record, one revision on, and marks it as not yet known to Redis. */
function change(
  tx: WriteTransaction,
  record: SessionRecord<SessionData>,
  changes: Partial<SessionRecord<SessionData>>,
): PendingDrop {
  const revision = record.revision + 1;
  tx.statement("UPDATE session SET data = ?, redis_synced = 0 WHERE id = ? AND revoked_at IS NULL").run(
    JSON.stringify(storedOf({ ...record, ...changes, revision })),
    record.id,
  );
  return { userId: record.userId, id: record.id, revoked: false, change: String(revision) };
}

function storedOf(record: SessionRecord<SessionData>): Stored & JsonObject {
  const { secretDigest, previousDigest, previousValidUntilMs, revision, data } = record;
  return { secretDigest, previousDigest, previousValidUntilMs, revision, data: { via: data.via } };
}

/** A revocation is the last change a session ever sees; before it, each revision is one. */
function dropOf(row: SessionRow): PendingDrop {
  const revoked = row.revokedAtMs !== null;
  const name = revoked ? "revoked" : String(storedSchema.parse(row.data).revision);
  return { userId: row.userId, id: row.id, revoked, change: name };
}

function toRecord(row: SessionRow): SessionRecord<SessionData> {
  return {
    userId: row.userId,
    id: row.id,
    ...storedSchema.parse(row.data),
    device: row.device === null ? null : deviceSchema.parse(row.device),
    createdAtMs: row.createdAtMs,
    lastSeenAtMs: row.lastSeenAtMs,
    expiresAtMs: row.expiresAtMs,
    absoluteUntilMs: row.absoluteExpiresAtMs,
  };
}
