import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { readDevSettings } from "../settings/dev-settings.ts";
import { repositoryRoot } from "../workspace/repository-root.ts";
import { type CheckResult, fail, ok } from "./check.ts";

/**
 * Whether `.env`, if there is one, names only variables that exist, and whether the values make sense
 * together.
 */
export function checkEnvironment(root = repositoryRoot, env: NodeJS.ProcessEnv = process.env): CheckResult {
  const path = join(root, ".env");
  const isThere = existsSync(path);
  const known = namesIn(join(root, ".env.example"));
  const names = isThere ? Object.keys(parseEnv(readFileSync(path, "utf8"))) : [];
  const unknown = known.size === 0 ? [] : names.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    return fail(
      `.env has unknown names: ${unknown.join(", ")}`,
      "compare with .env.example and docs/environment.md",
    );
  }
  readDevSettings(env);
  return ok(isThere ? `.env sets ${names.length} of ${known.size} names` : "no .env, and none is needed");
}

/** Every name in the example, those commented out included. */
function namesIn(path: string): Set<string> {
  if (!existsSync(path)) return new Set();
  const text = readFileSync(path, "utf8");
  return new Set([...text.matchAll(/^\s*#?\s*([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1] ?? ""));
}
