/**
 * `pnpm start`: server and worker in production form, after `pnpm build`. `--only server` or `--only worker`
 * starts one of them. The database is migrated first. Signals are passed on; when one of the two ends, the
 * other is stopped, and the exit code is the first one that is not zero.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadEnvFile } from "../settings/dev-settings.ts";
import { repositoryRoot } from "../workspace/repository-root.ts";

const graceMs = 60_000;
/** What is wrong with the settings often stops both: the other may still say what it misses. */
const startingMs = 10_000;
const secondOpinionMs = 10_000;
const programs = { server: "apps/server/src/main.ts", worker: "apps/worker/src/main.ts" };

function readWanted(): (keyof typeof programs)[] {
  const { values } = parseArgs({ options: { only: { type: "string" } } });
  if (values.only === undefined) return ["server", "worker"];
  if (values.only === "server" || values.only === "worker") return [values.only];
  console.error(`--only takes server or worker, not ${values.only}.`);
  process.exit(2);
}

const wanted = readWanted();
if (wanted.includes("server") && !existsSync(join(repositoryRoot, "apps/web/dist/index.html"))) {
  console.error("The web app is not built (apps/web/dist is missing). Run `pnpm build` first.");
  process.exit(1);
}
loadEnvFile();
const env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: "production" };

// Without its path the programs themselves say what is missing, and everything else with it.
if ((env["DATABASE_PATH"] ?? "") !== "") {
  const script = join(repositoryRoot, "packages/db/src/cli/prepare.ts");
  const { status } = spawnSync(process.execPath, [script, "--no-seed"], {
    cwd: repositoryRoot,
    env,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}

let exitCode = 0;
let isStopping = false;
const running = new Set<ChildProcess>();

function stopAll(signal: NodeJS.Signals): void {
  for (const child of running) child.kill(signal);
  if (isStopping) return;
  isStopping = true;
  const timer = setTimeout(() => {
    for (const child of running) child.kill("SIGKILL");
  }, graceMs);
  timer.unref();
}

for (const name of wanted) {
  const child = spawn(process.execPath, [join(repositoryRoot, programs[name])], {
    cwd: repositoryRoot,
    env,
    stdio: "inherit",
  });
  running.add(child);
  child.once("exit", (code, signal) => {
    running.delete(child);
    const failed = code ?? (isStopping ? 0 : 1);
    if (exitCode === 0) exitCode = failed;
    process.exitCode = exitCode;
    if (isStopping) return;
    console.error(`The ${name} has ended (${signal ?? `exit ${String(code)}`}).`);
    const isYoung = process.uptime() < startingMs / 1000;
    setTimeout(() => stopAll("SIGTERM"), isYoung ? secondOpinionMs : 0).unref();
  });
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopAll(signal));
