import { argv, exit } from "node:process";
import { openDatabase } from "@cardinal/db";
import { createJobWorker } from "../../src/index.ts";
import { createCapturedLog } from "./captured-log.ts";
import { recordEffectHandler } from "./record-effect.job.ts";

/** What the parent passes as JSON. */
export type WorkerProgramOptions = { databasePath: string; redisUrl: string; keyPrefix: string };

// A worker process for tests to kill: it says that a job has started and then never ends it.
const options = JSON.parse(argv[2] ?? "{}") as WorkerProgramOptions;
const db = openDatabase({ path: options.databasePath });
const log = createCapturedLog();
const handler = recordEffectHandler(({ payload }) => {
  process.send?.(payload.label);
  return new Promise(() => undefined);
});
createJobWorker({
  queue: "maintenance",
  redis: options.redisUrl,
  keyPrefix: options.keyPrefix,
  concurrency: 10,
  lockDurationMs: 800,
  stalledIntervalMs: 200,
  log,
  run: {
    db,
    log,
    handlers: new Map([[handler.contract.name, handler]]),
    stopping: new AbortController().signal,
    publishProgress: async () => undefined,
  },
  tick: { db, log, schedules: [] },
  onGivenUp: () => undefined,
});
process.on("disconnect", () => exit(0));
