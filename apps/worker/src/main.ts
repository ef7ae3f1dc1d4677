import { createConfig } from "./config.ts";
import { createLog } from "./create-log.ts";
import { InvalidEnvironment, readEnv } from "./env.ts";
import { startHealthServer } from "./health/health-server.ts";
import { createWorkerContext } from "./worker-context.ts";

/** Nothing may keep the process longer than this after the time to stop is over. */
const lastResortMs = 3_000;

function readConfig(): ReturnType<typeof createConfig> {
  try {
    return createConfig(readEnv());
  } catch (error) {
    if (!(error instanceof InvalidEnvironment)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

const config = readConfig();
const log = createLog(config);
const context = createWorkerContext(config, log);
const health = await startHealthServer({
  ...config.health,
  ready: () => context.health(),
  metrics: async () => ({
    contentType: context.metrics.registry.contentType,
    text: await context.metrics.registry.metrics(),
  }),
  onError: (error) => log.error({ err: error }, "health request failed"),
});
log.info({ port: health.port }, "worker health listens");

let isStopping = false;
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
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(signal));

try {
  await context.start();
} catch (error) {
  if (!isStopping) throw error;
}
