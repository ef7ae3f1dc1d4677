import { randomBytes } from "node:crypto";
import { freePort, startRedis } from "@cardinal/dev";
import { outboxQueries } from "@cardinal/db";
import { enqueue, sendWelcomeEmail } from "@cardinal/jobs";
import { describe, expect, inject, test } from "vitest";
import { startFakeSmtpServer } from "./bed/fake-smtp-server.ts";
import { createTemporaryDatabase } from "./bed/temporary-database.ts";
import { startWorkerMain } from "./bed/worker-main.ts";

const redisUrl = inject("redisUrl");
const keyPrefix = (): string => `t-${randomBytes(6).toString("hex")}`;

describe("a worker process", { timeout: 60_000 }, () => {
  test("told to stop finishes the job it runs, then exits 0", async () => {
    await using database = await createTemporaryDatabase();
    await using smtp = await startFakeSmtpServer({ isSlow: true });
    const userId = await database.addMember("ada");
    await using worker = startWorkerMain({
      DATABASE_PATH: database.path,
      REDIS_URL: redisUrl,
      KEY_PREFIX: keyPrefix(),
      SMTP_URL: smtp.url,
    });
    const { jobId } = await database.db.write((tx) => enqueue(tx, sendWelcomeEmail, { userId }));
    await smtp.untilWaiting();
    worker.signal("SIGTERM");
    // A second signal, as under `node --watch`, must not cut the first short.
    worker.signal("SIGINT");
    await worker.until("worker stops: running jobs finish first");
    expect(await database.db.read((tx) => outboxQueries.find(tx, jobId))).toMatchObject({ state: "queued" });
    smtp.answer();
    expect(await worker.exit()).toEqual({ code: 0, stderr: "" });
    expect(worker.lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(["job completed", "worker stopped"]));
    expect(await database.db.read((tx) => outboxQueries.find(tx, jobId))).toMatchObject({ state: "done", attempts: 1 });
    expect(smtp.mails).toHaveLength(1);
  });

  test("waits for a Redis that is not there yet, says so, and begins when it comes", async () => {
    await using database = await createTemporaryDatabase();
    const userId = await database.addMember("ada");
    const { jobId } = await database.db.write((tx) => enqueue(tx, sendWelcomeEmail, { userId }));
    const port = await freePort();
    await using worker = startWorkerMain({
      DATABASE_PATH: database.path,
      REDIS_URL: `redis://127.0.0.1:${port}`,
      KEY_PREFIX: keyPrefix(),
    });
    const url = await worker.healthUrl();
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      status: "unavailable",
      checks: { redis: { ok: false }, database: { ok: true }, jobs: { ok: false, reason: "waiting for Redis" } },
    });

    await using redis = await startRedis({ port });
    expect(redis.port).toBe(port);
    await worker.until("job completed");
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('job_runs_total{queue="email",job="send-welcome-email",outcome="completed"} 1');
    expect(metrics).toContain('outbox_rows{state="done"} 1');
    expect(metrics).toContain('bullmq_job_count{queue="email",state="completed"} 1');
    expect(metrics).toContain('redis_up{role="state+cache",node="single"} 1');
    expect(await database.db.read((tx) => outboxQueries.find(tx, jobId))).toMatchObject({ state: "done" });

    // Redis goes first, as on Ctrl-C of everything: the worker must not wait for it.
    await redis.stop();
    worker.signal("SIGTERM");
    expect(await worker.exit()).toMatchObject({ code: 0 });
  });

  test("stops while it still waits for Redis", async () => {
    await using database = await createTemporaryDatabase();
    await using worker = startWorkerMain({
      DATABASE_PATH: database.path,
      REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
    });
    await worker.until("worker health listens");
    worker.signal("SIGTERM");
    expect(await worker.exit()).toEqual({ code: 0, stderr: "" });
  });

  test("takes no jobs from a Redis that evicts", async () => {
    await using database = await createTemporaryDatabase();
    await using redis = await startRedis({ config: ["maxmemory-policy allkeys-lru"] });
    await using worker = startWorkerMain({ DATABASE_PATH: database.path, REDIS_URL: redis.url });
    await worker.until("no jobs are taken: Redis must not evict");
    const report = await (await fetch(`${await worker.healthUrl()}/health/ready`)).text();
    expect(report).toContain("allkeys-lru");
    worker.signal("SIGTERM");
    expect((await worker.exit()).code).toBe(0);
  });

  test("refuses development defaults in production, naming all of them", async () => {
    await using worker = startWorkerMain({ NODE_ENV: "production" });
    const { code, stderr } = await worker.exit();
    expect(code).toBe(1);
    for (const name of ["REDIS_URL", "DATABASE_PATH", "PUBLIC_URL", "SMTP_URL", "MAIL_FROM"]) {
      expect(stderr).toContain(`${name}: required in production`);
    }
  });
});
