import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findStale, runGenerators, writeFiles } from "./compare.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cardinal-generate-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function addGenerator(name: string, source: string): string {
  writeFileSync(join(root, name), source);
  return name;
}

test("writes what is missing or different, and then finds nothing stale", async () => {
  const one = addGenerator(
    "one.mjs",
    'export const generate = async () => [{ path: "docs/a.md", content: "A" }];',
  );
  const files = await runGenerators(root, [one]);
  expect(findStale(root, files).map(({ path }) => path)).toEqual(["docs/a.md"]);
  writeFiles(root, files);
  expect(readFileSync(join(root, "docs/a.md"), "utf8")).toBe("A");
  expect(findStale(root, files)).toEqual([]);
  writeFileSync(join(root, "docs/a.md"), "edited by hand");
  expect(findStale(root, files)).toHaveLength(1);
});

test("names the generator that is missing, exports nothing, or fails", async () => {
  const nothing = addGenerator("nothing.mjs", "export const other = 1;");
  const failing = addGenerator(
    "failing.mjs",
    'export const generate = async () => { throw new Error("broken"); };',
  );
  await expect(runGenerators(root, ["missing.mjs"])).rejects.toThrow(/missing\.mjs does not work/);
  await expect(runGenerators(root, [nothing])).rejects.toThrow(/nothing\.mjs does not work: .*no function/);
  await expect(runGenerators(root, [failing])).rejects.toThrow(/failing\.mjs does not work: broken/);
});
