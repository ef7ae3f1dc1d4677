import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { JobBed } from "./job-bed.ts";
import type { WorkerProgramOptions } from "./worker-program.ts";

export type WorkerProcess = {
  /** Resolves when the process has begun `count` jobs. */
  untilStarted(count: number): Promise<void>;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
};

/** Starts a worker in a process of its own, which begins jobs and never ends them. */
export function startWorkerProcess(bed: JobBed): WorkerProcess {
  const options: WorkerProgramOptions = {
    databasePath: bed.databasePath,
    redisUrl: bed.redisUrl,
    keyPrefix: bed.keyPrefix,
  };
  const child: ChildProcess = fork(new URL("./worker-program.ts", import.meta.url), [JSON.stringify(options)], {
    execArgv: [],
  });
  let started = 0;
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  bed.defer(kill);
  child.on("message", () => (started += 1));
  return {
    async untilStarted(count) {
      while (started < count) await once(child, "message");
    },
    kill,
  };
}
