import { outboxQueries } from "@cardinal/db";
import { describe, expect, inject, test } from "vitest";
import { z } from "zod";
import {
  type JobProgress,
  PermanentJobError,
  bullJobId,
  defineHandler,
  defineJob,
  enqueue,
  jobProgressChannel,
  progressPublisher,
} from "../src/index.ts";
import { createJobBed } from "./bed/job-bed.ts";
import { effectOf, recordEffect, recordEffectHandler } from "./bed/record-effect.job.ts";

const redisUrl = inject("redisUrl");

describe("a job that can never succeed", () => {
  test("an unknown name is dead at once, with the reason", async () => {
    await using bed = await createJobBed(redisUrl);
    const relay = bed.relay();
    bed.worker([recordEffectHandler()], { relay });
    const unknown = defineJob({
      name: "walk-the-dog",
      queue: "maintenance",
      version: 1,
      payload: z.strictObject({}),
    });
    const { jobId } = await bed.db.write((tx) => enqueue(tx, unknown, {}));
    relay.start();
    await bed.log.until((line) => line.message === "job dead");
    expect(await bed.row(jobId)).toMatchObject({ state: "dead", attempts: 1 });
    expect((await bed.row(jobId)).lastError).toContain('unknown job "walk-the-dog"');
  });

  test("a queue nobody knows is dead at once as well", async () => {
    await using bed = await createJobBed(redisUrl);
    const relay = bed.relay();
    bed.worker([recordEffectHandler()], { relay });
    const row = await bed.db.write((tx) =>
      outboxQueries.insert(tx, { queue: "attic", jobName: "x", payloadVersion: 1, payload: {}, nowMs: Date.now() }),
    );
    relay.start();
    await bed.log.until((line) => line.message === "job dead");
    expect((await bed.row(row.id)).state).toBe("dead");
  });

  test("a poisoned payload is dead at once and names the field", async () => {
    await using bed = await createJobBed(redisUrl);
    let runs = 0;
    const relay = bed.relay();
    bed.worker([recordEffectHandler(async () => void (runs += 1))], { relay });
    const row = await bed.db.write((tx) =>
      outboxQueries.insert(tx, {
        queue: "maintenance",
        jobName: recordEffect.name,
        payloadVersion: 2,
        payload: { label: 7, extra: true },
        nowMs: Date.now(),
      }),
    );
    relay.start();
    await bed.log.until((line) => line.message === "job dead");
    expect(await bed.row(row.id)).toMatchObject({ state: "dead", attempts: 1 });
    expect((await bed.row(row.id)).lastError).toMatch(/bad payload: label: .*expected string/);
    expect(runs).toBe(0);
  });

  test("a handler may give up for good", async () => {
    await using bed = await createJobBed(redisUrl);
    const relay = bed.relay();
    bed.worker([recordEffectHandler(() => Promise.reject(new PermanentJobError("no such picture\r\nat all")))], {
      relay,
    });
    const jobId = await bed.enqueueOne("x");
    relay.start();
    await bed.log.until((line) => line.message === "job dead");
    expect(await bed.row(jobId)).toMatchObject({
      state: "dead",
      attempts: 1,
      lastError: "PermanentJobError: no such picture at all",
    });
  });
});

describe("versions", () => {
  test("a newer payload is left for newer workers and counts as no attempt", async () => {
    await using bed = await createJobBed(redisUrl);
    const relay = bed.relay();
    const old = bed.worker([recordEffectHandler()], { relay });
    const newer = { ...recordEffect, version: 3 };
    const { jobId } = await bed.db.write((tx) => enqueue(tx, newer, { label: "from the future" }));
    relay.start();
    await bed.log.until((line) => line.message === "job deferred");
    await old.close();
    expect(await bed.row(jobId)).toMatchObject({ state: "queued", attempts: 0 });

    const job = await bed.queues.get("maintenance").getJob(bullJobId(jobId));
    await job?.promote();
    bed.worker([defineHandler(newer, async (context) => effectOf(context))], { relay });
    await bed.log.until((line) => line.message === "job completed");
    expect(await bed.row(jobId)).toMatchObject({ state: "done", attempts: 1 });
    expect(await bed.effects()).toEqual(["from the future"]);
  });

  test("an older payload is upgraded first", async () => {
    await using bed = await createJobBed(redisUrl);
    const relay = bed.relay();
    const upgradable = {
      ...recordEffect,
      upgrade: (payload: unknown) => ({ label: z.object({ name: z.string() }).parse(payload).name }),
    };
    bed.worker([defineHandler(upgradable, async (context) => effectOf(context))], { relay });
    await bed.db.write((tx) =>
      outboxQueries.insert(tx, {
        queue: "maintenance",
        jobName: recordEffect.name,
        payloadVersion: 1,
        payload: { name: "old shape" },
        nowMs: Date.now(),
      }),
    );
    relay.start();
    await bed.log.until((line) => line.message === "job completed");
    expect(await bed.effects()).toEqual(["old shape"]);
  });
});

describe("effects", () => {
  test("a failed run is tried again and its effect happens once", async () => {
    await using bed = await createJobBed(redisUrl);
    const relay = bed.relay();
    bed.worker(
      [
        recordEffectHandler(async ({ attempt }) => {
          if (attempt < 3) throw new Error(`run ${attempt} fails`);
        }),
      ],
      { relay },
    );
    const jobId = await bed.enqueueOne("third time lucky");
    relay.start();
    await bed.log.until((line) => line.message === "job completed");
    expect(bed.log.lines.filter((line) => line.message === "job retried")).toHaveLength(2);
    expect(await bed.row(jobId)).toMatchObject({ state: "done", attempts: 3 });
    expect(await bed.effects()).toEqual(["third time lucky"]);
  });

  test("an effect that fails takes the end of the job back with it", async () => {
    await using bed = await createJobBed(redisUrl);
    const relay = bed.relay();
    let runs = 0;
    const handler = defineHandler(recordEffect, async (context) => (tx) => {
      effectOf(context)(tx);
      runs += 1;
      if (runs === 1) throw new Error("the disk hiccups");
    });
    bed.worker([handler], { relay });
    await bed.enqueueOne("once");
    relay.start();
    await bed.log.until((line) => line.message === "job completed");
    expect(await bed.effects()).toEqual(["once"]);
  });

  test("jobs with one key have one effect", async () => {
    await using bed = await createJobBed(redisUrl);
    const relay = bed.relay();
    bed.worker([recordEffectHandler()], { relay });
    await bed.enqueueOne("first", { jobKey: "greet-ada", orderingKey: "greet-ada" });
    await bed.enqueueOne("second", { jobKey: "greet-ada", orderingKey: "greet-ada" });
    relay.start();
    await bed.log.until((line) => line.message === "job skipped");
    expect(await bed.effects()).toEqual(["first"]);
    expect(await bed.db.read((tx) => outboxQueries.countByState(tx))).toMatchObject({ done: 2, queued: 0 });
  });

  test("a worker paused past its lock changes nothing when it wakes", async () => {
    await using bed = await createJobBed(redisUrl);
    const relay = bed.relay();
    const slow = Promise.withResolvers<void>();
    const keys: string[] = [];
    const paused = bed.worker(
      [
        recordEffectHandler(async ({ jobKey }) => {
          keys.push(jobKey);
          if (keys.length === 1) await slow.promise;
        }),
      ],
      { relay, lockDurationMs: 200, stalledIntervalMs: 100, concurrency: 2 },
    );
    // The lock is not renewed from here on, as if the process were stopped, but its code goes on later.
    Object.assign(paused.bull, { extendJobLocks: async () => [] });
    const jobId = await bed.enqueueOne("one");
    relay.start();
    await bed.log.until((line) => line.message === "job completed");
    slow.resolve();
    await bed.log.until((line) => line.message === "job skipped");
    expect(await bed.effects()).toEqual(["one"]);
    expect(keys).toEqual([jobId, jobId]);
  });

  test("a handler that ignores its signal is given up at the time-out", async () => {
    await using bed = await createJobBed(redisUrl);
    const relay = bed.relay();
    const impatient = { ...recordEffect, options: { ...recordEffect.options, attempts: 1, timeoutMs: 50 } };
    bed.worker([defineHandler(impatient, () => new Promise(() => undefined))], { relay });
    const jobId = await bed.enqueueOne("never ends");
    relay.start();
    await bed.log.until((line) => line.message === "job dead");
    expect((await bed.row(jobId)).lastError).toBe("JobTimeoutError: the job ran longer than 50 ms");
  });
});

test("a job that cannot end before the process must stop is given back, uncounted, and run by another", async () => {
  await using bed = await createJobBed(redisUrl);
  const relay = bed.relay();
  const stopping = new AbortController();
  const begun = Promise.withResolvers<void>();
  const hanging = recordEffectHandler(() => {
    begun.resolve();
    return new Promise(() => undefined);
  });
  const worker = bed.worker([hanging], { relay, stopping: stopping.signal });
  const jobId = await bed.enqueueOne("handed over");
  relay.start();
  await begun.promise;
  const closed = worker.close();
  stopping.abort();
  await closed;
  expect(bed.log.lines.map(({ message }) => message)).toContain("job requeued");
  expect(await bed.row(jobId)).toMatchObject({ state: "queued", attempts: 0 });

  bed.worker([recordEffectHandler()], { relay });
  await bed.log.until((line) => line.message === "job completed");
  expect(await bed.effects()).toEqual(["handed over"]);
  expect(await bed.row(jobId)).toMatchObject({ state: "done", attempts: 1, lastError: null });
});

test("progress reaches who listens, and the latest stays on the job", async () => {
  await using bed = await createJobBed(redisUrl);
  const relay = bed.relay();
  const goOn = Promise.withResolvers<void>();
  const worker = bed.worker(
    [
      recordEffectHandler(async ({ reportProgress }) => {
        reportProgress(0.5, "half way");
        await goOn.promise;
      }),
    ],
    { relay, publishProgress: progressPublisher(bed.core) },
  );
  expect(worker.bull.name).toBe("maintenance");
  const jobId = await bed.enqueueOne("watched");
  const seen: JobProgress[] = [];
  const ended = Promise.withResolvers<void>();
  const listening = await jobProgressChannel(bed.core, jobId).subscribe((progress) => {
    seen.push(progress);
    if (progress.progress === 0.5) goOn.resolve();
    if (progress.state === "done") ended.resolve();
  });
  bed.defer(() => listening.close());
  relay.start();
  await ended.promise;
  expect(seen).toContainEqual({ jobId, state: "queued", progress: 0.5, message: "half way" });
  expect(seen.at(-1)).toEqual({ jobId, state: "done", progress: 1, message: null });
  expect(await bed.queues.findProgress("maintenance", jobId)).toBe(1);
});
