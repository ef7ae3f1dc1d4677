import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort, repositoryRoot, startRedis } from "@cardinal/dev";
import type { RunningRedis } from "@cardinal/dev";

const READY_TIMEOUT_MS = 60_000;

/** A server process, at one address for as long as the stack lives, whatever becomes of the process. */
export interface StackServer {
  readonly url: string;
  start(): Promise<void>;
  /** Ends it as a crash would: nothing is said goodbye to. */
  kill(): Promise<void>;
}

export interface Stack {
  readonly servers: readonly [StackServer, ...StackServer[]];
  readonly redis: RunningRedis;
  stop(): Promise<void>;
}

interface Running {
  child: ChildProcess;
  output: () => string;
}

function run(script: string, env: Record<string, string>): Running {
  const child = spawn(process.execPath, [join(repositoryRoot, script)], {
    cwd: repositoryRoot,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-8_000));
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return { child, output: () => output };
}

async function end({ child }: Running, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

async function runToEnd(script: string, env: Record<string, string>): Promise<void> {
  const running = run(script, env);
  const [code] = await once(running.child, "exit");
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}:\n${running.output()}`);
}

async function waitUntilReady(url: string, running: Running): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let last = "no answer";
  while (performance.now() < deadline) {
    if (running.child.exitCode !== null) break;
    const response = await fetch(url).catch(() => null);
    if (response?.ok) return;
    if (response) last = await response.text();
    await delay(100);
  }
  throw new Error(`${url} did not become ready: ${last}\n${running.output()}`);
}

/**
 * Everything as in production form but on free ports and with the demo logins: a Redis of its own, a seeded
 * database, server processes that serve the built app, and a worker. Servers of one stack share all but the
 * address.
 */
export async function startStack({ servers = 1 }: { servers?: number } = {}): Promise<Stack> {
  if (!existsSync(join(repositoryRoot, "apps/web/dist/index.html"))) {
    throw new Error("apps/web is not built: run `pnpm build` first");
  }
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "cardinal-e2e-"));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const redis = opening.use(await startRedis());
  const shared = {
    NODE_ENV: "development",
    DEMO_LOGIN: "true",
    LOG_LEVEL: "warn",
    REDIS_URL: redis.url,
    DATABASE_PATH: join(folder, "cardinal.db"),
  };
  await runToEnd("packages/db/src/cli/prepare.ts", shared);

  const running = new Set<Running>();
  opening.defer(async () => {
    await Promise.all([...running].map((process) => end(process, "SIGTERM")));
  });
  const createServer = async (): Promise<StackServer> => {
    const port = await freePort();
    const url = `http://localhost:${port}`;
    let current: Running | null = null;
    return {
      url,
      async start() {
        current = run("apps/server/src/main.ts", { ...shared, SERVER_PORT: String(port), PUBLIC_URL: url });
        running.add(current);
        await waitUntilReady(`${url}/health/ready`, current);
      },
      async kill() {
        if (!current) return;
        await end(current, "SIGKILL");
        running.delete(current);
      },
    };
  };
  const first = await createServer();
  const others = await Promise.all(Array.from({ length: servers - 1 }, createServer));
  await Promise.all([first, ...others].map((server) => server.start()));

  const workerPort = String(await freePort());
  const worker = run("apps/worker/src/main.ts", {
    ...shared,
    WORKER_PORT: workerPort,
    PUBLIC_URL: first.url,
  });
  running.add(worker);

  const opened = opening.move();
  return { servers: [first, ...others], redis, stop: () => opened.disposeAsync() };
}
