import { describe, expect, test } from "vitest";
import {
  jobEffectQueries,
  mailQueries,
  outboxQueries,
  type NewOutboxRow,
  type WriteTransaction,
} from "../src/index.ts";
import { addUser, NOW_MS } from "./fixtures.ts";
import { createTempDatabase } from "./temp-database.ts";

function add(tx: WriteTransaction, id: string, options: Partial<NewOutboxRow> = {}): void {
  const job = { queue: "email", jobName: "send-welcome-email", payloadVersion: 1, payload: {} };
  outboxQueries.insert(tx, { ...job, id, nowMs: NOW_MS, ...options });
}

function relayable(
  tx: WriteTransaction,
  options: { nowMs?: number; limit?: number; perOwner?: number } = {},
) {
  return outboxQueries
    .listRelayable(tx, { nowMs: NOW_MS, limit: 100, perOwner: 3, ...options })
    .map(({ id }) => id);
}

describe("the outbox", () => {
  test("has a row if and only if its transaction commits", async () => {
    await using temp = await createTempDatabase();
    const failing = temp.db.write((tx) => {
      add(tx, "a");
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await temp.db.write((tx) => add(tx, "b"));
    expect(await temp.db.read((tx) => outboxQueries.list(tx, { limit: 9 }).map(({ id }) => id))).toEqual([
      "b",
    ]);
  });

  test("lets a key's next row go only when the one before is done or dead", async () => {
    await using temp = await createTempDatabase();
    await temp.db.write((tx) => {
      for (const id of ["k1", "k2", "k3"]) add(tx, id, { orderingKey: "k" });
      add(tx, "free");
      expect(relayable(tx)).toEqual(["k1", "free"]);
      outboxQueries.markQueued(tx, ["k1", "free"], NOW_MS);
      expect(relayable(tx)).toEqual([]);
      expect(outboxQueries.markDone(tx, "k1", { attempts: 1, nowMs: NOW_MS })).toBe(true);
      expect(outboxQueries.markDone(tx, "k1", { attempts: 1, nowMs: NOW_MS })).toBe(false);
      expect(relayable(tx)).toEqual(["k2"]);
      outboxQueries.markQueued(tx, ["k2"], NOW_MS);
      outboxQueries.markDead(tx, "k2", { attempts: 3, error: "refused", nowMs: NOW_MS });
      expect(relayable(tx)).toEqual(["k3"]);
    });
  });

  test("waits for a row's time", async () => {
    await using temp = await createTempDatabase();
    await temp.db.write((tx) => {
      add(tx, "later", { runAtMs: NOW_MS + 1_000 });
      expect(relayable(tx)).toEqual([]);
      expect(outboxQueries.nextRunAtMs(tx)).toBe(NOW_MS + 1_000);
      expect(relayable(tx, { nowMs: NOW_MS + 1_000 })).toEqual(["later"]);
    });
  });

  test("gives owners turns and no more than their share", async () => {
    await using temp = await createTempDatabase();
    await temp.db.write((tx) => {
      const [ada, bo] = [addUser(tx, "ada").id, addUser(tx, "bo").id];
      for (let index = 1; index <= 6; index += 1) add(tx, `ada${index}`, { ownerId: ada });
      for (let index = 1; index <= 2; index += 1) add(tx, `bo${index}`, { ownerId: bo });
      add(tx, "system");
      expect(relayable(tx)).toEqual(["ada1", "bo1", "system", "ada2", "bo2", "ada3"]);
      expect(relayable(tx, { limit: 2 })).toEqual(["ada1", "bo1"]);
      outboxQueries.markQueued(tx, ["ada1", "ada2"], NOW_MS);
      expect(relayable(tx)).toEqual(["ada3", "bo1", "system", "bo2"]);
    });
  });

  test("finds the other members' rows at once behind a flood of one member", async ({ annotate }) => {
    await using temp = await createTempDatabase();
    await temp.db.write((tx) => {
      const [ada, bo] = [addUser(tx, "ada").id, addUser(tx, "bo").id];
      tx.statement(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
         INSERT INTO outbox (id, owner_id, ordering_key, queue, job_name, payload_version, payload, job_key,
                             run_at, created_at, updated_at)
         SELECT 'flood' || i, :ada, 'one key', 'email', 'x', 1, '{}', 'flood' || i, :now, :now, :now FROM n`,
      ).run({ ada, now: NOW_MS });
      add(tx, "bo1", { ownerId: bo });
    });
    const startedMs = performance.now();
    expect(await temp.db.write((tx) => relayable(tx))).toEqual(["flood1", "bo1"]);
    const tookMs = performance.now() - startedMs;
    await annotate(`listRelayable over 50,000 pending rows of one key: ${tookMs.toFixed(1)} ms`);
    expect(tookMs).toBeLessThan(1_000);
  });

  test("keeps failures, buries, and replays what was buried", async () => {
    await using temp = await createTempDatabase();
    await temp.db.write((tx) => {
      add(tx, "a");
      outboxQueries.markQueued(tx, ["a"], NOW_MS);
      expect(outboxQueries.recordFailure(tx, "a", { attempts: 1, error: "once", nowMs: NOW_MS + 1 })).toBe(
        true,
      );
      expect(outboxQueries.find(tx, "a")).toMatchObject({ state: "queued", attempts: 1, lastError: "once" });
      expect(outboxQueries.listQueued(tx, { limit: 9 }).map(({ id }) => id)).toEqual(["a"]);
      expect(outboxQueries.listQueued(tx, { limit: 9, updatedBeforeMs: NOW_MS + 1 })).toEqual([]);
      expect(outboxQueries.replay(tx, "a", NOW_MS + 2)).toBe(false);
      outboxQueries.markDead(tx, "a", { attempts: 2, error: "twice", nowMs: NOW_MS + 3 });
      expect(outboxQueries.list(tx, { state: "dead", limit: 9 })[0]).toMatchObject({ lastError: "twice" });
      expect(outboxQueries.recordFailure(tx, "a", { attempts: 9, error: "late", nowMs: NOW_MS })).toBe(false);
      expect(outboxQueries.replay(tx, "a", NOW_MS + 4)).toBe(true);
      expect(outboxQueries.find(tx, "a")).toMatchObject({
        state: "pending",
        attempts: 0,
        lastError: "twice",
      });
      expect(outboxQueries.countByState(tx)).toEqual({ pending: 1, queued: 0, done: 0, dead: 0 });
    });
  });

  test("forgets closed rows in portions, open ones never", async () => {
    await using temp = await createTempDatabase();
    await temp.db.write((tx) => {
      for (const id of ["a", "b", "c", "dead", "open"]) add(tx, id);
      for (const id of ["a", "b", "c"]) outboxQueries.markDone(tx, id, { attempts: 1, nowMs: NOW_MS });
      outboxQueries.markDead(tx, "dead", { attempts: 1, error: "x", nowMs: NOW_MS });
      const trim = (deadBeforeMs: number, limit: number) =>
        outboxQueries.deleteClosed(tx, { doneBeforeMs: NOW_MS + 1, deadBeforeMs, limit });
      expect([trim(NOW_MS, 2), trim(NOW_MS, 2), trim(NOW_MS, 2), trim(NOW_MS + 1, 2)]).toEqual([2, 1, 0, 1]);
      expect(outboxQueries.list(tx, { limit: 9 }).map(({ id }) => id)).toEqual(["open"]);
    });
  });
});

test("an effect and a mail happen once for their key", async () => {
  await using temp = await createTempDatabase();
  await temp.db.write((tx) => {
    const effect = { jobKey: "key", outboxId: "a", nowMs: NOW_MS };
    expect(jobEffectQueries.insertOnce(tx, effect)).toBe(true);
    expect(jobEffectQueries.insertOnce(tx, { ...effect, outboxId: "b" })).toBe(false);
    expect(jobEffectQueries.find(tx, "key")).toMatchObject({ outboxId: "a", result: null });
    const mail = {
      idempotencyKey: "key",
      template: "welcome",
      toAddress: "ada@example.test",
      fromAddress: "hello@example.test",
      subject: "Hello",
      text: "Hello",
      html: "<p>Hello</p>",
      nowMs: NOW_MS,
    };
    const first = mailQueries.insertOnce(tx, mail);
    const second = mailQueries.insertOnce(tx, { ...mail, subject: "Hello again" });
    expect([first.isNew, second.isNew, second.mail.subject]).toEqual([true, false, "Hello"]);
    mailQueries.markSent(tx, first.mail.id, NOW_MS + 5);
    expect(mailQueries.list(tx, 5)).toMatchObject([
      { id: first.mail.id, state: "sent", sentAtMs: NOW_MS + 5 },
    ]);
    expect(mailQueries.deleteOlder(tx, NOW_MS + 1, 10)).toBe(1);
  });
});
