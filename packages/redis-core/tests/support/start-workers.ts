import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface Worker {
  readonly process: ChildProcess;
  /** Sends one request and gives the worker's next message. */
  ask<Answer>(request: object): Promise<Answer>;
}

export interface Workers {
  readonly all: readonly Worker[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts OS processes of a file in this folder; each has said "ready". They end with the test. */
export async function startWorkers(file: string, count: number, ...args: string[]): Promise<Workers> {
  const processes = Array.from({ length: count }, () =>
    fork(join(import.meta.dirname, file), args, { execArgv: [], serialization: "advanced" }),
  );
  await Promise.all(processes.map((process) => once(process, "message")));
  const all = processes.map((process) => ({
    process,
    async ask<Answer>(request: object): Promise<Answer> {
      const answered = once(process, "message");
      process.send(request);
      const [answer] = (await answered) as [Answer];
      return answer;
    },
  }));
  const stop = async () => {
    await Promise.all(
      processes.map(async (process) => {
        if (process.exitCode === null && process.signalCode === null) {
          const exited = once(process, "exit");
          process.kill("SIGKILL");
          await exited;
        }
      }),
    );
  };
  return { all, [Symbol.asyncDispose]: stop };
}
