import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseError } from "@cardinal/db";
import { type WorkerConfig, createConfig } from "./config.ts";
import { createLog } from "./create-log.ts";
import { InvalidEnvironment, readEnv } from "./env.ts";
import { startHealthServer } from "./health/health-server.ts";
import { createWorkerContext } from "./worker-context.ts";

/** Nothing may keep the process longer than this after the time to stop is over. */
const lastResortMs = 8_000;

const dotEnv = resolve(import.meta.dirname, "../../../.env");
if (existsSync(dotEnv)) process.loadEnvFile(dotEnv);

const config = readConfig();
const log = createLog(config);
const context = openContext();
const health = await listen();

let isStopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(signal));
// Who reads this line may send a signal at once.
log.info({ port: health.port }, "worker health listens");

try {
  await context.start();
} catch (error) {
  if (!isStopping) throw error;
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  // Under `node --watch` a Ctrl-C arrives twice: from the terminal and from the watcher.
  if (isStopping) return;
  isStopping = true;
  log.info({ signal }, "worker stops: running jobs finish first");
  const lastResort = setTimeout(() => {
    log.error({}, "worker could not stop in time; its jobs go to another");
    process.exit(1);
  }, config.stopTimeoutMs + lastResortMs);
  await context[Symbol.asyncDispose]();
  await health.close();
  clearTimeout(lastResort);
  log.info({}, "worker stopped");
  process.exit(0);
}

function readConfig(): WorkerConfig {
  try {
    return createConfig(readEnv());
  } catch (error) {
    if (error instanceof InvalidEnvironment) giveUp(`worker: ${error.message}`);
    throw error;
  }
}

function openContext(): ReturnType<typeof createWorkerContext> {
  try {
    return createWorkerContext(config, log);
  } catch (error) {
    if (error instanceof DatabaseError) giveUp(`worker: cannot use ${config.databasePath}: ${error.message}`);
    throw error;
  }
}

async function listen(): ReturnType<typeof startHealthServer> {
  const { host, port } = config.health;
  try {
    return await startHealthServer({
      host,
      port,
      ready: () => context.health(),
      metrics: async () => ({
        contentType: context.metrics.registry.contentType,
        text: await context.metricsText(),
      }),
      onError: (error) => log.error({ err: error }, "health request failed"),
    });
  } catch (error) {
    const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (isTaken) giveUp(`worker: port ${port} (health and metrics) is taken; set WORKER_PORT to another`);
    throw error;
  }
}

function giveUp(message: string): never {
  console.error(message);
  process.exit(1);
}
