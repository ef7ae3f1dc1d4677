import { createHash, randomBytes } from "node:crypto";
import { createCaches } from "@cardinal/api/use-cases";
import {
  jobEffectQueries,
  mailQueries,
  messageQueries,
  oneTimeTokenQueries,
  outboxQueries,
  roomEventQueries,
  roomQueries,
  sessionQueries,
} from "@cardinal/db";
import { createRedisCore } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";
import { expect, inject, test } from "vitest";
import { createTagInvalidators } from "../src/create-tag-invalidators.ts";
import { invalidateCacheTagsHandler } from "../src/handlers/invalidate-cache-tags.handler.ts";
import { trimOutboxHandler } from "../src/handlers/trim-outbox.handler.ts";
import { trimRoomLogHandler } from "../src/handlers/trim-room-log.handler.ts";
import { trimSessionsHandler } from "../src/handlers/trim-sessions.handler.ts";
import { runHandler } from "./bed/run-handler.ts";
import { createTemporaryDatabase } from "./bed/temporary-database.ts";

const dayMs = 24 * 60 * 60 * 1_000;

test("trim-outbox deletes what ended long ago and keeps dead letters three times as long", async () => {
  await using database = await createTemporaryDatabase();
  const nowMs = Date.now();
  const addEnded = (daysAgo: number, state: "done" | "dead"): Promise<string> =>
    database.db.write((tx) => {
      const atMs = nowMs - daysAgo * dayMs;
      const row = outboxQueries.insert(tx, {
        queue: "email",
        jobName: "send-welcome-email",
        payloadVersion: 1,
        payload: {},
        nowMs: atMs,
      });
      if (state === "done") {
        outboxQueries.markDone(tx, row.id, { attempts: 1, nowMs: atMs });
        jobEffectQueries.insertOnce(tx, { jobKey: row.id, outboxId: row.id, nowMs: atMs });
      } else {
        outboxQueries.markDead(tx, row.id, { attempts: 1, error: "x", nowMs: atMs });
      }
      const mail = { template: "welcome", toAddress: "a@b.test", fromAddress: "c@d.test", subject: "s" };
      mailQueries.insertOnce(tx, { ...mail, idempotencyKey: row.id, text: "t", html: "h", nowMs: atMs });
      return row.id;
    });
  const oldDone = await addEnded(31, "done");
  const freshDone = await addEnded(29, "done");
  const youngDead = await addEnded(31, "dead");
  const oldDead = await addEnded(91, "dead");

  await runHandler(trimOutboxHandler(database), { keepDays: 30 });
  const left = await database.db.read((tx) => outboxQueries.list(tx, { limit: 10 }).map(({ id }) => id));
  expect(left.toSorted()).toEqual([freshDone, youngDead].toSorted());
  const mails = await database.db.read((tx) => mailQueries.list(tx, 10).map((mail) => mail.idempotencyKey));
  expect(mails).toEqual([freshDone]);
  const effects = await database.db.read((tx) =>
    [oldDone, freshDone, oldDead].map((id) => jobEffectQueries.find(tx, id) !== undefined),
  );
  expect(effects).toEqual([false, true, false]);
});

test("trim-sessions deletes sessions and one-time tokens that have expired, and no others", async () => {
  await using database = await createTemporaryDatabase();
  const userId = await database.addMember("ada");
  const nowMs = Date.now();
  await database.db.write((tx) => {
    for (const [id, expiresAtMs] of [["over", nowMs - 1_000] as const, ["live", nowMs + 60_000] as const]) {
      const times = { createdAtMs: nowMs - dayMs, expiresAtMs };
      const secretDigest = createHash("sha256").update(id).digest("hex");
      const absoluteExpiresAtMs = nowMs + dayMs;
      sessionQueries.insert(tx, { id, userId, secretDigest, data: {}, ...times, absoluteExpiresAtMs });
    }
    const purpose = "reset-password";
    oneTimeTokenQueries.insert(tx, { id: "t", userId, purpose, payload: {}, createdAtMs: 1, expiresAtMs: 2 });
  });
  await runHandler(trimSessionsHandler(database), {});
  expect(await database.db.read((tx) => sessionQueries.findById(tx, "over"))).toBeUndefined();
  expect(await database.db.read((tx) => sessionQueries.findById(tx, "live"))).toBeDefined();
  const token = await database.db.write((tx) =>
    oneTimeTokenQueries.consume(tx, { id: "t", purpose: "reset-password", nowMs: 1 }),
  );
  expect(token).toBeUndefined();
});

test("invalidate-cache-tags makes the server's entries of the tag misses, and twice is as good as once", async () => {
  await using redis = connectRedis({ target: inject("redisUrl") });
  await redis.ready();
  await using core = createRedisCore({ redis: redis.port, prefix: `t-${randomBytes(6).toString("hex")}` });
  const caches = createCaches(core);
  await caches["tag-list"].set("all", { tags: [] }, { tags: ["posts"] });
  expect(await caches["tag-list"].get("all")).toEqual({ tags: [] });
  const handler = invalidateCacheTagsHandler({ caches: createTagInvalidators(core) });
  const payload = { namespace: "tag-list", tags: ["posts"] };
  await runHandler(handler, payload);
  await runHandler(handler, payload);
  expect(await caches["tag-list"].get("all")).toBeUndefined();
  await expect(runHandler(handler, { namespace: "attic", tags: ["x"] })).rejects.toThrow('no cache is called "attic"');
});

test("trim-room-log takes what is old or too much out of every room's log, and leaves messages and unread as they are", async () => {
  await using database = await createTemporaryDatabase();
  const [ada, bo] = [await database.addMember("ada"), await database.addMember("bo")];
  const nowMs = Date.now();
  /** A room with a message for each of so many days ago. */
  const addRoom = (slug: string, daysAgo: readonly number[]): Promise<string> =>
    database.db.write((tx) => {
      const { id } = roomQueries.create(tx, { slug, name: slug, nowMs });
      roomQueries.join(tx, { roomId: id, userId: bo, nowMs });
      for (const days of daysAgo) {
        messageQueries.appendMessage(tx, { roomId: id, authorId: ada, body: "hi", nowMs: nowMs - days * dayMs });
      }
      return id;
    });
  const mixed = await addRoom("mixed", [90, 31, 29, 1]);
  const quiet = await addRoom("quiet", [60, 50]);
  const busy = await addRoom("busy", Array.from({ length: 1_205 }, () => 0));
  const young = await addRoom("young", [3, 2, 1]);

  await runHandler(trimRoomLogHandler(database), { keepDays: 30, keepEvents: 5 });
  await database.db.read((tx) => {
    const logOf = (roomId: string) => {
      const { minSeq, headSeq } = roomQueries.findHead(tx, roomId) ?? { minSeq: 0, headSeq: 0 };
      return { minSeq, headSeq, seqs: roomEventQueries.range(tx, roomId, 0, 9).map(({ seq }) => seq) };
    };
    expect(logOf(mixed)).toEqual({ minSeq: 3, headSeq: 4, seqs: [3, 4] });
    expect(logOf(quiet)).toEqual({ minSeq: 3, headSeq: 2, seqs: [] });
    expect(logOf(busy)).toEqual({ minSeq: 1_201, headSeq: 1_205, seqs: [1_201, 1_202, 1_203, 1_204, 1_205] });
    expect(logOf(young)).toEqual({ minSeq: 1, headSeq: 3, seqs: [1, 2, 3] });
    const rooms = roomQueries.listForUser(tx, bo).map(({ slug, unread, epoch }) => ({ slug, unread, epoch }));
    expect(rooms).toMatchObject([{ unread: 1_205 }, { unread: 4 }, { unread: 2 }, { unread: 3 }]);
    expect(messageQueries.history(tx, { roomId: quiet, limit: 9 })?.messages).toHaveLength(2);
  });
  const sent = await database.db.write((tx) =>
    messageQueries.appendMessage(tx, { roomId: quiet, authorId: ada, body: "hi", nowMs }),
  );
  expect(sent).toMatchObject({ seq: 3, message: { number: 3 } });
});
