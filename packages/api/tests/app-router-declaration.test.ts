import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const packageRoot = resolve(import.meta.dirname, "..");
let outDir: string;

beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), "cardinal-declarations-"));
  const tsc = join(root, "node_modules/.bin/tsc");
  const emit = ["--declaration", "--emitDeclarationOnly", "--noEmit", "false", "--noCheck"];
  await promisify(execFile)(tsc, ["-p", packageRoot, "--outDir", outDir, "--rootDir", root, ...emit], {
    maxBuffer: 1e7,
  });
});

afterAll(() => rm(outDir, { recursive: true, force: true }));

describe("the emitted type of AppRouter", () => {
  it("imports no package but @trpc/server, however far one follows it", async () => {
    const entry = join(outDir, relative(root, packageRoot), "src/app-router.d.ts");
    const { files, packages } = await importClosure(entry);
    expect([...packages]).toEqual(["@trpc/server"]);
    expect(files.size).toBeGreaterThan(2);
  });

  it("keeps inputs and outputs in it", async () => {
    const text = await readFile(join(outDir, relative(root, packageRoot), "src/app-router.d.ts"), "utf8");
    expect(text).toContain("clientMessageId: string");
    expect(text).not.toContain(": any");
  });
});

async function importClosure(entry: string): Promise<{ files: Set<string>; packages: Set<string> }> {
  const files = new Set<string>();
  const packages = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) {
      continue;
    }
    files.add(file);
    const text = await readFile(file, "utf8");
    for (const [, specifier = ""] of text.matchAll(/(?:from\s+|import\s*\(?\s*)"([^"]+)"/g)) {
      if (specifier.startsWith(".")) {
        waiting.push(resolve(dirname(file), specifier.replace(/\.ts$/, ".d.ts")));
      } else {
        // A subpath of a package is that package.
        packages.add(
          specifier
            .split("/")
            .slice(0, specifier.startsWith("@") ? 2 : 1)
            .join("/"),
        );
      }
    }
  }
  return { files, packages };
}
