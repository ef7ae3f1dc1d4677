import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { findRedisServer } from "@cardinal/dev";
import { runCommand } from "../src/workspace/run-command.ts";

const entry = fileURLToPath(new URL("../src/index.ts", import.meta.url));

/** Looks Redis up in a process of its own, with this environment only. */
async function findIn(env: NodeJS.ProcessEnv): Promise<string> {
  const script = `
    import { findRedisServer } from ${JSON.stringify(entry)};
    const found = await findRedisServer().catch((error) => ({ source: error.message }));
    console.log(JSON.stringify(found.source));`;
  const args = ["--input-type=module-typescript", "-e", script];
  const { stdout } = await runCommand(process.execPath, args, { env });
  const source: unknown = JSON.parse(stdout);
  return String(source);
}

test("takes the program of REDIS_SERVER_PATH, and that of the PATH before any download", async () => {
  const { path, env } = await findRedisServer();
  const libraries = env["LD_LIBRARY_PATH"] === undefined ? {} : { LD_LIBRARY_PATH: env["LD_LIBRARY_PATH"] };
  const folder = mkdtempSync(join(tmpdir(), "cardinal-path-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(path, join(folder, "valkey-server"));
  expect(await findIn({ ...libraries, PATH: folder })).toBe("PATH");
  expect(await findIn({ ...libraries, PATH: "", REDIS_SERVER_PATH: path })).toBe("REDIS_SERVER_PATH");
});

test("says what to install where nothing can be had", async () => {
  const message = await findIn({ PATH: "/nowhere" });
  for (const fix of ["apt-get install redis-server", "brew install redis", "WSL", "REDIS_URL"]) {
    expect(message).toContain(fix);
  }
  expect(await findIn({ PATH: "/nowhere", REDIS_SERVER_PATH: "/nowhere/redis" })).toContain(
    "not an executable file",
  );
});
