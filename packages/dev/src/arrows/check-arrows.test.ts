import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkArrows } from "./check-arrows.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cardinal-arrows-"));
  const use = (...names: string[]) =>
    Object.fromEntries(names.map((name) => [`@cardinal/${name}`, "workspace:*"]));
  const manifests = {
    "packages/redis-core": { devDependencies: use("dev") },
    "packages/db": {},
    "packages/dev": {},
    "packages/jobs": { dependencies: use("redis-core", "db") },
    "packages/api": { dependencies: use("jobs", "db", "redis-core"), devDependencies: use("dev") },
    "packages/client": { devDependencies: use("api", "dev") },
    "apps/worker": { dependencies: use("api", "jobs", "db", "redis-core") },
    "apps/web": { dependencies: use("api", "client") },
  };
  for (const [folder, manifest] of Object.entries(manifests))
    add(`${folder}/package.json`, JSON.stringify(manifest));
});
afterEach(() => rmSync(root, { recursive: true }));

function add(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const violations = () =>
  checkArrows(root).violations.map(({ path, line, message }) => `${path}:${line} ${message}`);

test.each([
  ["packages/api/src/a.ts", 'import { openDatabase } from "@cardinal/db";'],
  ["packages/api/tests/a.test.ts", 'import { startRedis } from "@cardinal/dev";'],
  ["packages/redis-core/src/a.test.ts", 'import { core } from "@cardinal/redis-core";'],
  ["packages/client/src/a.ts", 'import type { AppRouter } from "@cardinal/api";'],
  [
    "apps/web/src/a.ts",
    'import { messageSchema } from "@cardinal/api/schemas";\nimport type { A } from "@cardinal/api";',
  ],
  ["apps/worker/src/a.ts", 'import { warm } from "@cardinal/api/use-cases";'],
  ["apps/web/src/features/chat/a.ts", 'import { b } from "./b.ts";\nimport { c } from "../../lib/c.ts";'],
  ["packages/db/src/env.ts", "export const path = process.env.DATABASE_PATH;"],
  ["packages/jobs/src/retry.ts", "export const wait = 10 * Math.random(); // jitter"],
  ["packages/db/src/a.ts", '// process.env is not read here\nexport const text = "process.env";'],
])("allows %s: %s", (path, text) => {
  add(path, text);
  expect(violations()).toEqual([]);
});

test.each([
  [
    "packages/db/src/a.ts",
    'import { core } from "@cardinal/redis-core";',
    "db may not import @cardinal/redis-core",
  ],
  [
    "packages/redis-core/src/a.ts",
    'export * from "@cardinal/dev";',
    "redis-core may not import @cardinal/dev",
  ],
  [
    "packages/jobs/src/a.ts",
    'const api = await import("@cardinal/api");',
    "jobs may not import @cardinal/api",
  ],
  [
    "packages/jobs/tests/a.test.ts",
    'import "@cardinal/dev";',
    "@cardinal/dev is not in packages/jobs/package.json",
  ],
  ["packages/client/src/a.ts", 'import { appRouter } from "@cardinal/api";', "types only"],
  ["packages/client/src/a.ts", 'import { type AppRouter } from "@cardinal/api";', "types only"],
  [
    "apps/web/src/a.ts",
    'import { appRouter } from "@cardinal/api";',
    "values only from @cardinal/api/schemas",
  ],
  ["apps/worker/src/a.ts", 'import type { A } from "@cardinal/api";', "only from @cardinal/api/use-cases"],
  ["packages/api/src/a.ts", 'import { b } from "../../db/src/b.ts";', "leaves the package"],
  ["packages/api/src/a.ts", 'const url = new URL("../../db/a.sql", import.meta.url);', "leaves the package"],
  [
    "apps/web/src/features/chat/a.ts",
    'import { b } from "../post/b.ts";',
    "feature chat imports feature post",
  ],
  ["apps/web/src/lib/a.ts", 'import { b } from "../features/post/b.ts";', "lib imports feature post"],
  [
    "packages/db/src/a.ts",
    "\nexport const path = process.env.DATABASE_PATH;",
    "process.env is read in env.ts only",
  ],
  ["packages/db/src/a.ts", "\nexport const id = Math.random();", "Math.random is for jitter only"],
  ["packages/db/src/a.ts", "\nexport const a = b as unknown as string;", "double cast"],
])("catches %s: %s", (path, text, message) => {
  add(path, text);
  expect(violations()).toEqual([expect.stringContaining(message)]);
  expect(violations()[0]).toContain(`${path}:${text.startsWith("\n") ? 2 : 1}`);
});

test("catches a dependency that no arrow allows", () => {
  add("packages/db/package.json", JSON.stringify({ dependencies: { "@cardinal/dev": "workspace:*" } }));
  add("packages/jobs/package.json", JSON.stringify({ devDependencies: { "@cardinal/api": "workspace:*" } }));
  expect(violations()).toEqual([
    "packages/db/package.json:1 @cardinal/dev may not be a dependency of db",
    "packages/jobs/package.json:1 @cardinal/api may not be a devDependency of jobs",
  ]);
});

test("catches a cycle of files once, but none of types", () => {
  add("packages/db/src/a.ts", 'import { b } from "./b.ts";');
  add("packages/db/src/b.ts", 'import { c } from "./c.ts";');
  add("packages/db/src/c.ts", 'import { a } from "./a.ts";');
  add("packages/jobs/src/a.ts", 'import type { B } from "./b.ts";');
  add("packages/jobs/src/b.ts", 'import { a } from "./a.ts";');
  expect(violations()).toEqual([
    "packages/db/src/a.ts:1 import cycle: packages/db/src/a.ts → packages/db/src/b.ts → packages/db/src/c.ts" +
      " → packages/db/src/a.ts",
  ]);
});
