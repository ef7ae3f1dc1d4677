import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { findKeeper } from "../keeper/keeper-state.ts";
import { firstServer } from "../prepare/ensure-redis.ts";
import { explainTakenPorts, findTakenPorts } from "../prepare/check-ports.ts";
import { findDevRun } from "../processes/dev-run.ts";
import { askRedis } from "../redis/ask-redis.ts";
import { findRedisServer } from "../redis/find-redis-server.ts";
import { type DevSettings, redactUrl } from "../settings/dev-settings.ts";
import { repositoryRoot } from "../workspace/repository-root.ts";
import { type Check, type CheckResult, fail, ok } from "./check.ts";
import { checkRedisSetup } from "./redis-check.ts";

/** What Cardinal uses, by these settings. */
export function serviceChecks(settings: DevSettings): Check[] {
  const { redis, databasePath } = settings;
  return [
    { name: "Ports", run: () => checkPorts(settings) },
    { name: "Redis", run: () => (redis.kind === "own" ? checkOwnRedis(redis) : checkExternalRedis(redis)) },
    { name: "Redis setup", run: () => checkRedisSetup(redis) },
    { name: "Database", run: () => checkDatabase(databasePath) },
  ];
}

async function checkPorts(settings: DevSettings): Promise<CheckResult> {
  const run = await findDevRun();
  if (run !== undefined) return ok(`in use by the running dev (process ${run})`);
  const needed = [settings.web, settings.server, settings.worker];
  const { redis } = settings;
  if (redis.kind === "own" && findKeeper(redis.dataDir) === undefined) needed.push(redis.port);
  const taken = await findTakenPorts(needed);
  if (taken.length > 0)
    return fail(
      `${taken.map(({ setting }) => setting.port).join(", ")} taken`,
      await explainTakenPorts(taken),
    );
  return ok(`${needed.map(({ port }) => port).join(", ")} are free`);
}

type OwnRedis = Extract<DevSettings["redis"], { kind: "own" }>;
type ExternalRedis = Extract<DevSettings["redis"], { kind: "external" }>;

async function checkOwnRedis(redis: OwnRedis): Promise<CheckResult> {
  const program = await findRedisServer((message) => console.log(message));
  const keeper = findKeeper(redis.dataDir);
  const state = keeper === undefined ? "started by `pnpm dev`" : `running on port ${keeper.port}`;
  return ok(`${program.path} ${program.version} (${program.source}), ${state}`);
}

async function checkExternalRedis(redis: ExternalRedis): Promise<CheckResult> {
  try {
    await askRedis(firstServer(redis.url), ["PING"]);
    return ok(`${redactUrl(redis.url)} answers (${redis.variable})`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(
      `${redactUrl(redis.url)} does not answer: ${reason}`,
      `start it, correct ${redis.variable}, or unset it`,
    );
  }
}

function checkDatabase(path: string): CheckResult {
  const shown = relative(repositoryRoot, path);
  if (!existsSync(path)) return ok(`${shown} is not there yet: \`pnpm dev\` creates it`);
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const has = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
    const wanted = countMigrations();
    if (has > wanted) {
      return fail(
        `${shown} was made by newer code (${has} migrations, known: ${wanted})`,
        "update the code, or `pnpm reset`",
      );
    }
    if (has < wanted)
      return fail(`${shown} has ${has} of ${wanted} migrations`, "`pnpm dev` applies the rest");
    const check = String(database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"]);
    if (check !== "ok") return fail(`${shown} is damaged: ${check}`, "restore a backup, or `pnpm reset`");
    return ok(`${shown} is sound and has all ${wanted} migrations`);
  } finally {
    database.close();
  }
}

function countMigrations(): number {
  const path = join(repositoryRoot, "packages/db/migrations/meta/_journal.json");
  const journal: { entries: unknown[] } = JSON.parse(readFileSync(path, "utf8"));
  return journal.entries.length;
}
