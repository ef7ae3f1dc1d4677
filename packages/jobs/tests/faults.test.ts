import { type RunningRedis, startRedis } from "@cardinal/dev";
import { outboxQueries } from "@cardinal/db";
import { Redis } from "ioredis";
import { describe, expect, inject, test } from "vitest";
import { bullJobId, maxCrashes } from "../src/index.ts";
import { createJobBed, type JobBed } from "./bed/job-bed.ts";
import { recordEffectHandler } from "./bed/record-effect.job.ts";
import { startWorkerProcess } from "./bed/worker-process.ts";
import { yearlySchedule } from "./bed/yearly-schedule.ts";

const redisUrl = inject("redisUrl");
const labels = (count: number): string[] => Array.from({ length: count }, (_, n) => `n${n}`);

describe("a worker process killed in the middle of its jobs", { timeout: 60_000 }, () => {
  test("has them finished by another, once each, and none fails", async () => {
    await using bed = await createJobBed(redisUrl);
    const relay = bed.relay();
    relay.start();
    const doomed = startWorkerProcess(bed);
    const ids = await Promise.all(labels(10).map((label) => bed.enqueueOne(label)));
    await doomed.untilStarted(10);
    await doomed.kill();
    bed.worker([recordEffectHandler()], { relay, lockDurationMs: 3_000, stalledIntervalMs: 200 });
    await bed.log.untilCount(10, (line) => line.message === "job completed");
    expect((await bed.effects()).toSorted()).toEqual(labels(10).toSorted());
    for (const id of ids) expect(await bed.row(id)).toMatchObject({ state: "done", attempts: 1, lastError: null });
    expect(bed.log.lines.filter((line) => line.message === "job stalled").length).toBeGreaterThan(0);
  });
});

test("a job that loses its worker again and again is a dead letter that says crashed, never a silent failure", async () => {
  await using bed = await createJobBed(redisUrl);
  const relay = bed.relay();
  const release = Promise.withResolvers<void>();
  let runs = 0;
  const worker = bed.worker(
    [
      recordEffectHandler(() => {
        runs += 1;
        return release.promise;
      }),
    ],
    { relay, lockDurationMs: 150, stalledIntervalMs: 50, concurrency: maxCrashes + 3 },
  );
  // Locks are never renewed, as if the process had died the moment a job began.
  Object.assign(worker.bull, { extendJobLocks: async () => [] });
  const jobId = await bed.enqueueOne("poison");
  relay.start();
  await bed.log.until((line) => line.message === "job dead");
  expect(await bed.row(jobId)).toMatchObject({ state: "dead", attempts: 0 });
  expect((await bed.row(jobId)).lastError).toContain("crashed");
  expect(runs).toBe(maxCrashes + 1);

  // What those runs still do changes nothing.
  release.resolve();
  await bed.log.untilCount(runs, (line) => line.message === "job skipped");
  expect(await bed.effects()).toEqual([]);
});

describe("Redis", () => {
  test("wiped empty loses no job and no schedule", async () => {
    await using redis = await startRedis();
    await using bed = await createJobBed(redis.url);
    const relay = bed.relay({ schedules: [yearlySchedule] });
    const ids = await Promise.all(labels(25).map((label) => bed.enqueueOne(label)));
    await relay.runOnce();
    const queue = bed.queues.get("maintenance");
    expect(await queue.getWaitingCount()).toBe(25);
    const admin = new Redis(redis.url);
    bed.defer(() => admin.disconnect());
    await admin.flushall();
    expect(await queue.getWaitingCount()).toBe(0);

    relay.start();
    bed.worker([recordEffectHandler()], { relay });
    await bed.log.untilCount(25, (line) => line.message === "job completed");
    expect((await bed.effects()).toSorted()).toEqual(labels(25).toSorted());
    for (const id of ids) expect((await bed.row(id)).state).toBe("done");
    expect((await queue.getJobSchedulers()).map(({ key }) => key)).toEqual([yearlySchedule.id]);
  });

  test("gone and back empty: rows wait in the database and are run after it returns", async () => {
    const first = await startRedis();
    await using bed = await createJobBed(first.url);
    bed.defer(() => first.stop());
    const relay = bed.relay();
    bed.worker([recordEffectHandler()], { relay });
    relay.start();
    await bed.enqueueOne("before");
    await bed.log.until((line) => line.message === "job completed");
    await first.stop();
    await Promise.all(labels(5).map((label) => bed.enqueueOne(label)));
    expect(await bed.db.read((tx) => outboxQueries.countByState(tx))).toMatchObject({ pending: 5, queued: 0 });
    await using second: RunningRedis = await startRedis({ port: first.port });
    expect(second.port).toBe(first.port);
    await bed.log.untilCount(6, (line) => line.message === "job completed");
    expect((await bed.effects()).toSorted()).toEqual(["before", ...labels(5)].toSorted());
  });

  test("connections cut again and again delay jobs and lose or repeat none", async () => {
    await using redis = await startRedis();
    await using bed = await createJobBed(redis.url);
    const relay = bed.relay();
    bed.worker([recordEffectHandler()], { relay, lockDurationMs: 3_000, stalledIntervalMs: 200 });
    bed.worker([recordEffectHandler()], { relay, lockDurationMs: 3_000, stalledIntervalMs: 200 });
    relay.start();
    const admin = new Redis(redis.url);
    bed.defer(() => admin.disconnect());
    const done = bed.log.untilCount(150, isEnd);
    for (const label of labels(150)) {
      await bed.enqueueOne(label);
      if (label.endsWith("0")) await cutAll(admin);
    }
    await done;
    expect((await bed.effects()).toSorted()).toEqual(labels(150).toSorted());
    await untilDrained(bed);
  });
});

function isEnd(line: { message: string }): boolean {
  return line.message === "job completed";
}

async function cutAll(admin: Redis): Promise<void> {
  await admin.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
}

/** Every job has also ended in BullMQ: nothing hangs behind a lost reply. */
async function untilDrained(bed: JobBed): Promise<void> {
  const queue = bed.queues.get("maintenance");
  for (;;) {
    const counts = await queue.getJobCounts("active", "waiting", "delayed").catch(() => null);
    if (counts !== null && Object.values(counts).every((jobs) => jobs === 0)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("a queued row whose job has ended without closing it is run afresh", async () => {
  await using bed = await createJobBed(redisUrl);
  const jobId = await bed.enqueueOne("ended");
  const relay = bed.relay();
  await relay.runOnce();
  const queue = bed.queues.get("maintenance");
  await queue.remove(bullJobId(jobId));
  await queue.add("record-effect", { outboxId: "nobody" }, { jobId: bullJobId(jobId) });
  bed.worker([recordEffectHandler()], { relay });
  relay.start();
  await bed.log.until((line) => line.message === "job completed");
  expect(await bed.effects()).toEqual(["ended"]);
});
