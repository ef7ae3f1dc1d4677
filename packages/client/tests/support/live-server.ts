import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort, repositoryRoot } from "@cardinal/dev";

const READY_TIMEOUT_MS = 60_000;

export interface LiveServer {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Runs a program of the repository and answers what it wrote. Rejects unless it ended with 0. */
export async function runProgram(
  script: string,
  args: string[],
  env: Record<string, string>,
): Promise<string> {
  const child = spawn(process.execPath, [join(repositoryRoot, script), ...args], {
    cwd: repositoryRoot,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}:\n${output}`);
  return output;
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline && child.exitCode === null) {
    const response = await fetch(`${url}/health/ready`).catch(() => null);
    if (response?.ok) return;
    await delay(100);
  }
  throw new Error(`${url} did not become ready`);
}

/** The real server with a seeded database of its own, on the Redis of the test run under its own prefix. */
export async function startLiveServer(redisUrl: string): Promise<LiveServer> {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "cardinal-client-"));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    NODE_ENV: "development",
    DEMO_LOGIN: "true",
    LOG_LEVEL: "warn",
    REDIS_URL: redisUrl,
    KEY_PREFIX: `client-${port}`,
    DATABASE_PATH: join(folder, "cardinal.db"),
    SERVER_PORT: String(port),
    PUBLIC_URL: url,
  };
  await runProgram("packages/db/src/cli/prepare.ts", [], env);
  const child = spawn(process.execPath, [join(repositoryRoot, "apps/server/src/main.ts")], {
    cwd: repositoryRoot,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = once(child, "exit");
  opening.defer(async () => {
    child.kill("SIGTERM");
    await exited;
  });
  await waitUntilReady(url, child);
  const opened = opening.move();
  return { url, port, stop: () => opened.disposeAsync() };
}
