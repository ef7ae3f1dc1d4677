import { outboxQueries, userQueries } from "@cardinal/db";
import { describe, expect, inject, test } from "vitest";
import { bullJobId, createOutboxDoorbell, enqueue, listenToOutboxDoorbell } from "../src/index.ts";
import { createJobBed } from "./bed/job-bed.ts";
import { recordEffect, recordEffectHandler } from "./bed/record-effect.job.ts";

const redisUrl = inject("redisUrl");
const labels = (count: number, prefix = "n"): string[] => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

describe("enqueue", () => {
  test("a job exists if and only if its transaction commits", async () => {
    await using bed = await createJobBed(redisUrl);
    const failed = bed.db.write((tx) => {
      enqueue(tx, recordEffect, { label: "rolled back" });
      throw new Error("the business change failed");
    });
    await expect(failed).rejects.toThrow("the business change failed");
    const jobId = await bed.enqueueOne("committed");

    const relay = bed.relay();
    bed.worker([recordEffectHandler()]);
    relay.start();
    await bed.log.until((line) => line.message === "job completed" && line["jobId"] === jobId);
    expect(await bed.effects()).toEqual(["committed"]);
    expect(await bed.db.read((tx) => outboxQueries.countByState(tx))).toMatchObject({ pending: 0, queued: 0, done: 1 });
  });

  test("refuses a payload that does not fit its contract, and one that is too large", async () => {
    await using bed = await createJobBed(redisUrl);
    // @ts-expect-error -- the label is missing
    await expect(bed.db.write((tx) => enqueue(tx, recordEffect, {}))).rejects.toThrow("label");
    const label = "x".repeat(70_000);
    await expect(bed.db.write((tx) => enqueue(tx, recordEffect, { label }))).rejects.toThrow("bytes");
    expect(await bed.db.read((tx) => outboxQueries.countByState(tx))).toMatchObject({ pending: 0 });
  });

  test("keeps payloads out of Redis", async () => {
    await using bed = await createJobBed(redisUrl);
    const jobId = await bed.enqueueOne("a secret of a member");
    await bed.relay().runOnce();
    const job = await bed.queues.get("maintenance").getJob(bullJobId(jobId));
    expect(job?.data).toEqual({ outboxId: jobId });
  });
});

describe("the relay", () => {
  test("two relays and two workers run each of 200 rows once", async () => {
    await using bed = await createJobBed(redisUrl);
    const wanted = labels(200);
    const relays = [bed.relay({ batchSize: 7 }), bed.relay({ batchSize: 7 })];
    const workers = [bed.worker([recordEffectHandler()]), bed.worker([recordEffectHandler()])];
    expect(workers).toHaveLength(2);
    for (const relay of relays) relay.start();
    await Promise.all(wanted.map((label) => bed.enqueueOne(label)));
    await bed.log.untilCount(200, (line) => line.message === "job completed");
    expect((await bed.effects()).toSorted()).toEqual(wanted.toSorted());
    expect(bed.log.lines.filter((line) => line.level === "error")).toEqual([]);
  });

  test("starts a job at the ring of the doorbell, not at the poll", async () => {
    await using bed = await createJobBed(redisUrl);
    const relay = bed.relay({ pollMs: 60_000, reconcileEveryMs: 60_000 });
    bed.worker([recordEffectHandler()]);
    const listening = await listenToOutboxDoorbell(bed.core, () => relay.wake());
    bed.defer(() => listening.close());
    relay.start();
    const doorbell = createOutboxDoorbell(bed.core);
    const jobId = await bed.enqueueOne("rung");
    doorbell.ring();
    const line = await bed.log.until((candidate) => candidate["jobId"] === jobId && candidate.message === "job completed");
    expect(line["waitedMs"]).toBeLessThan(3_000);
  });

  test("runs the rows of an ordering key one after the other, in the order of their commits", async () => {
    await using bed = await createJobBed(redisUrl);
    let running = 0;
    let most = 0;
    const relay = bed.relay();
    const handler = recordEffectHandler(async ({ payload, attempt }) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (payload.label === "n3" && attempt === 1) throw new Error("fails once, and those behind it wait");
    });
    bed.worker([handler], { relay, concurrency: 8 });
    for (const label of labels(12)) await bed.enqueueOne(label, { orderingKey: "room-1" });
    relay.start();
    await bed.log.untilCount(12, (line) => line.message === "job completed");
    expect(await bed.effects()).toEqual(labels(12));
    expect(most).toBe(1);
  });

  test("a dead row lets the next of its key go", async () => {
    await using bed = await createJobBed(redisUrl);
    const relay = bed.relay();
    bed.worker(
      [
        recordEffectHandler(async ({ payload }) => {
          if (payload.label === "bad") throw new Error("always");
        }),
      ],
      { relay },
    );
    const bad = await bed.enqueueOne("bad", { orderingKey: "k" });
    await bed.enqueueOne("good", { orderingKey: "k" });
    relay.start();
    await bed.log.until((line) => line.message === "job completed");
    expect(await bed.effects()).toEqual(["good"]);
    expect(await bed.row(bad)).toMatchObject({ state: "dead", attempts: 3, lastError: "Error: always" });
  });

  test("holds at most k rows of an owner in BullMQ, and lets others pass", async () => {
    await using bed = await createJobBed(redisUrl);
    const [greedy, other] = await bed.db.write((tx) =>
      ["greedy", "other"].map((username) =>
        userQueries.create(tx, {
          username,
          displayName: username,
          email: `${username}@cardinal.test`,
          passwordHash: "-",
          nowMs: 1,
        }).id,
      ),
    );
    for (const label of labels(30)) await bed.enqueueOne(label, { ownerId: greedy ?? "" });
    await bed.enqueueOne("other", { ownerId: other ?? "" });
    const relay = bed.relay({ maxQueuedPerOwner: 3 });
    await relay.runOnce();
    expect(await bed.queues.get("maintenance").getWaitingCount()).toBe(4);
    await relay.runOnce();
    expect(await bed.queues.get("maintenance").getWaitingCount()).toBe(4);

    bed.worker([recordEffectHandler()], { relay });
    relay.start();
    await bed.log.untilCount(31, (line) => line.message === "job completed");
    expect((await bed.effects()).toSorted()).toEqual([...labels(30), "other"].toSorted());
  });

  test("leaves a row alone until its time", async () => {
    await using bed = await createJobBed(redisUrl);
    let nowMs = 1_000_000;
    const relay = bed.relay({ clock: () => nowMs });
    const jobId = await bed.enqueueOne("later", { nowMs, runAtMs: nowMs + 60_000 });
    await relay.runOnce();
    expect(await bed.row(jobId)).toMatchObject({ state: "pending" });
    nowMs += 60_000;
    await relay.runOnce();
    expect(await bed.row(jobId)).toMatchObject({ state: "queued" });
  });

  test("a replayed dead letter runs again", async () => {
    await using bed = await createJobBed(redisUrl);
    let isFixed = false;
    const relay = bed.relay();
    bed.worker(
      [
        recordEffectHandler(async () => {
          if (!isFixed) throw new Error("not yet");
        }),
      ],
      { relay },
    );
    const jobId = await bed.enqueueOne("replayed");
    relay.start();
    await bed.log.until((line) => line.message === "job dead");
    isFixed = true;
    await bed.db.write((tx) => outboxQueries.replay(tx, jobId, Date.now()));
    relay.wake();
    await bed.log.until((line) => line.message === "job completed");
    expect(await bed.effects()).toEqual(["replayed"]);
  });
});
