import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type WorkerLine = { msg: string; [field: string]: unknown };

export type WorkerMain = {
  pid: number;
  lines: WorkerLine[];
  /** The first log line with this message, past or future; rejects when the process ends without it. */
  until(message: string): Promise<WorkerLine>;
  /** Where health and metrics answer. */
  healthUrl(): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** The exit code, and what was written to standard error. */
  exit(): Promise<{ code: number | null; stderr: string }>;
  [Symbol.asyncDispose](): Promise<void>;
};

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Starts the worker as a process, with this environment and nothing else of ours. */
export function startWorkerMain(env: Record<string, string>): WorkerMain {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env["PATH"], WORKER_PORT: "0", LOG_LEVEL: "debug", NODE_ENV: "test", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: WorkerLine[] = [];
  const checks = new Set<() => void>();
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (text) => {
    lines.push(JSON.parse(text) as WorkerLine);
    for (const check of checks) check();
  });
  const closed = once(child, "close");

  const until: WorkerMain["until"] = (message) =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const line = lines.find(({ msg }) => msg === message);
        if (line === undefined) return;
        checks.delete(check);
        resolve(line);
      };
      checks.add(check);
      check();
      closed.then(
        () => reject(new Error(`the worker ended before "${message}"\n${stderr}`)),
        () => undefined,
      );
    });

  return {
    pid: child.pid ?? 0,
    lines,
    until,
    async healthUrl() {
      const { port } = await until("worker health listens");
      return `http://127.0.0.1:${Number(port)}`;
    },
    signal: (name) => void child.kill(name),
    async exit() {
      await closed;
      return { code: child.exitCode, stderr };
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await closed;
    },
  };
}
