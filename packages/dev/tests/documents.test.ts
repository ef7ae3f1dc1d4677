import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../src/workspace/repository-root.ts";

const promises = join(repositoryRoot, "docs/promises.md");

/** Each `[name](file) "title", "title"` of the page. */
async function listEvidence(): Promise<{ file: string; title: string }[]> {
  const page = await readFile(promises, "utf8");
  return [...page.matchAll(/\]\(([^)]+\.ts)\)((?:,? "[^"]+")+)/g)].flatMap(([, file = "", titles = ""]) =>
    [...titles.matchAll(/"([^"]+)"/g)].map(([, title = ""]) => ({ file, title })),
  );
}

test("every promise names a test that exists", async () => {
  const evidence = await listEvidence();
  expect(evidence.length).toBeGreaterThan(35);
  const missing: string[] = [];
  for (const { file, title } of evidence) {
    const source = await readFile(join(dirname(promises), file), "utf8").catch(() => "");
    if (!source.includes(title)) {
      missing.push(`${file}: ${title}`);
    }
  }
  expect(missing).toEqual([]);
});

test("every line of promises names one", async () => {
  const page = await readFile(promises, "utf8");
  const lines = page.split("\n").filter((line) => line.startsWith("| ") && !line.includes("Shown by"));
  expect(lines.filter((line) => !/\]\([^)]+\.ts\) "/.test(line))).toEqual([]);
});
