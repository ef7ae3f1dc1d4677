import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const source = join(import.meta.dirname, "../src");

/** What a module and all it imports by a relative path import from elsewhere; types do not count. */
async function listPackages(file: string, seen = new Set<string>(), found = new Set<string>()): Promise<Set<string>> {
  if (seen.has(file)) {
    return found;
  }
  seen.add(file);
  const text = await readFile(file, "utf8");
  for (const [, isType, specifier = ""] of text.matchAll(/^(?:import|export)( type)? [^"';]*?from "([^"]+)"/gm)) {
    if (isType !== undefined) {
      continue;
    }
    if (specifier.startsWith(".")) {
      await listPackages(join(dirname(file), specifier), seen, found);
    } else {
      found.add(specifier);
    }
  }
  return found;
}

const entries = ["", "sessions", "rate-limit", "http", "fetch", "express", "upstash"];
/** Packages of plain JavaScript. */
const allowed = /^(@noble\/hashes\/.*|cookie|ipaddr\.js|lru-cache)$/;

test.each(entries)("the entry %j needs nothing of Node, and no framework", async (entry) => {
  const found = await listPackages(join(source, entry, "index.ts"));
  expect([...found].filter((name) => !allowed.test(name))).toEqual([]);
});
