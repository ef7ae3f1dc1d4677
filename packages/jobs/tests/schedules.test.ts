import { once } from "node:events";
import { outboxQueries } from "@cardinal/db";
import { expect, inject, test } from "vitest";
import type { JobSchedule } from "../src/index.ts";
import { syncSchedules } from "../src/queue/sync-schedules.ts";
import { createJobBed } from "./bed/job-bed.ts";
import { recordEffect, recordEffectHandler } from "./bed/record-effect.job.ts";
import { yearlySchedule } from "./bed/yearly-schedule.ts";

const redisUrl = inject("redisUrl");
const everySecond: JobSchedule = {
  id: "every-second",
  job: recordEffect,
  payload: { label: "tick" },
  pattern: "* * * * * *",
};

test("a tick becomes an outbox row and runs like any job", async () => {
  await using bed = await createJobBed(redisUrl);
  const relay = bed.relay({ schedules: [everySecond] });
  bed.worker([recordEffectHandler()], { relay, schedules: [everySecond] });
  relay.start();
  const due = await bed.log.until((line) => line.message === "schedule due");
  await bed.log.until((line) => line.message === "job completed" && line["jobId"] === due["jobId"]);
  expect(await bed.effects()).toContain("tick");
});

test("a tick that is seen twice, as after a crash, makes one row", async () => {
  await using bed = await createJobBed(redisUrl);
  const worker = bed.worker([recordEffectHandler()], { schedules: [yearlySchedule] });
  const queue = bed.queues.get("maintenance");
  const runTick = async (): Promise<unknown> => {
    const completed = once(worker.bull, "completed");
    const tick = await queue.add("schedule-tick", { scheduleId: yearlySchedule.id }, { jobId: "repeat:yearly:1" });
    const [, result] = await completed;
    await tick.remove();
    return result;
  };
  expect(await runTick()).toBe("enqueued");
  expect(await runTick()).toBe("skipped");
  expect(await bed.db.read((tx) => outboxQueries.countByState(tx))).toMatchObject({ pending: 1 });
});

test("schedulers become those of the page: others are removed once, a changed one is written anew", async () => {
  await using bed = await createJobBed(redisUrl);
  const queue = bed.queues.get("maintenance");
  const patterns = async (): Promise<Record<string, string | undefined>> =>
    Object.fromEntries((await queue.getJobSchedulers()).map(({ key, pattern }) => [key, pattern]));

  await syncSchedules(bed.queues, [yearlySchedule, { ...yearlySchedule, id: "old" }], { removeOthers: true });
  expect(await patterns()).toEqual({ yearly: "0 0 1 1 *", old: "0 0 1 1 *" });
  const changed = { ...yearlySchedule, pattern: "0 0 2 1 *" };
  await syncSchedules(bed.queues, [changed], { removeOthers: false });
  expect(await patterns()).toEqual({ yearly: "0 0 2 1 *", old: "0 0 1 1 *" });
  await syncSchedules(bed.queues, [changed], { removeOthers: true });
  expect(await patterns()).toEqual({ yearly: "0 0 2 1 *" });
});
