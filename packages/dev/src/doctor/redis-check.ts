import { join } from "node:path";
import { findKeeper } from "../keeper/keeper-state.ts";
import type { DevSettings } from "../settings/dev-settings.ts";
import { repositoryRoot } from "../workspace/repository-root.ts";
import { runCommand } from "../workspace/run-command.ts";
import { type CheckResult, fail, ok } from "./check.ts";

interface Finding {
  readonly severity: "info" | "warn" | "error";
  readonly code: string;
  readonly found: string;
  readonly cost: string;
  readonly fix: string;
}

/** Settings that are right for a Redis on this machine alone, and wrong for any other. */
const fineForOurs = new Set(["no-password", "no-memory-limit", "state-not-durable", "roles-shared"]);

const script = join(repositoryRoot, "packages/redis-core/scripts/check-redis/main.ts");

/** How Redis is set up, as redis-core's monitor sees it: an error fails, a warning is shown. */
export async function checkRedisSetup(
  redis: DevSettings["redis"],
  env: NodeJS.ProcessEnv = process.env,
): Promise<CheckResult> {
  const isOurs = redis.kind === "own";
  if (isOurs && findKeeper(redis.dataDir) === undefined) return ok("noeviction (ours, not running)");
  const { stdout, output } = await runCommand(process.execPath, [script], {
    env: { ...env, REDIS_URL: redis.url },
  });
  const findings = parse(stdout).filter(({ code }) => !isOurs || !fineForOurs.has(code));
  if (findings.length === 0) return fail("could not be checked", output.trim().split("\n").at(-1) ?? "");
  const bad = findings.filter(({ severity }) => severity !== "info");
  const [first] = bad;
  if (first?.severity === "error") {
    return fail(
      `${first.found}: ${first.cost}`,
      bad.map(({ found, fix }) => `${found}: ${fix}`).join("\n"),
    );
  }
  const server = findings.find(({ code }) => code === "server")?.found ?? "answers";
  const warnings = bad.map(({ found, fix }) => `\n${" ".repeat(19)}${found}: ${fix}`);
  return ok(`${server}${warnings.join("")}`);
}

function parse(stdout: string): Finding[] {
  const last = stdout.trim().split("\n").at(-1) ?? "";
  return last.startsWith("[") ? (JSON.parse(last) as Finding[]) : [];
}
