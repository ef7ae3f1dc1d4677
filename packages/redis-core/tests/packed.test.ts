import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createContext, Script } from "node:vm";
import { repositoryRoot, startUpstashGateway } from "@cardinal/dev";
import { publint } from "publint";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { randomHex } from "../src/random.ts";

const root = resolve(import.meta.dirname, "..");
const bin = (name: string) => join(root, "node_modules/.bin", name);
const oldestNode = "22.23.3";
const clients = ["ioredis", "redis", "@upstash/redis"] as const;

/** A folder of somebody else's, with the package installed from its tarball by npm. */
let folder: string;
let tarball: string;
const node22 = () => join(folder, "node22/node_modules/.bin/node");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "redis-core-packed-"));
  const app = join(folder, "app");
  await mkdir(join(folder, "node22"), { recursive: true });
  await cp(join(root, "tests/packed"), app, { recursive: true });
  const { devDependencies } = await readManifest(join(root, "package.json"));
  await Promise.all([
    writeFile(join(app, "package.json"), JSON.stringify({ type: "module" })),
    writeFile(join(folder, "node22/package.json"), "{}"),
  ]);
  const installing22 = npm(join(folder, "node22"), `node@${oldestNode}`);
  await run(join(repositoryRoot, "node_modules/.bin/pnpm"), ["pack", "--pack-destination", folder], root);
  tarball = join(folder, "cardinal-redis-core-0.0.0.tgz");
  await npm(app, tarball, ...clients.map((name) => `${name}@${devDependencies[name] ?? "latest"}`));
  await installing22;
}, 180_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

it("is right for every consumer of ES modules, by publint and arethetypeswrong", async () => {
  const bytes = new Uint8Array(await readFile(tarball));
  const { messages } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  expect(messages).toEqual([]);
  const entries = (await listEntries()).map(({ entry }) => entry);
  await run(bin("attw"), [tarball, "--profile", "esm-only", "--entrypoints", ...entries], folder);
});

it("gives the sources' entries, each of them, and nothing of the workspace", async () => {
  const installed = await readManifest(join(folder, "app/node_modules/@cardinal/redis-core/package.json"));
  const resolveFrom = createRequire(join(folder, "app/program.js"));
  for (const { entry, source } of await listEntries()) {
    const built = source.replace("./src/", "/dist/").replace(/\.ts$/, ".js");
    const name = entry === "." ? "@cardinal/redis-core" : `@cardinal/redis-core/${entry}`;
    expect(resolveFrom.resolve(name).endsWith(built)).toBe(true);
  }
  expect(Object.values(installed.dependencies).filter((version) => /workspace|link|file/.test(version))).toEqual([]);
});

it("is typed: on Node, and at the edge without Node's types", async () => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const strict = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024"];
  const nodeTypes = ["--types", "node", "--typeRoots", join(repositoryRoot, "node_modules/@types"), "--skipLibCheck"];
  const edgeTypes = ["--types", "", "--lib", "es2024,dom,dom.iterable,esnext.disposable"];
  const faults = await Promise.all([
    run(process.execPath, [tsc, ...strict, ...nodeTypes, "node-program.ts"], join(folder, "app")),
    run(process.execPath, [tsc, ...strict, ...edgeTypes, "edge-program.ts"], join(folder, "app")),
  ]);
  expect(faults).toEqual(["", ""]);
});

it("runs on the oldest Node it supports and on this one", async () => {
  const program = await bundle("node-program.ts", { isForNode: true });
  for (const node of [node22(), process.execPath]) {
    const prefix = `packed-${randomHex(6)}`;
    const printed = await run(node, [program, inject("redisUrl"), prefix], join(folder, "app"));
    expect(JSON.parse(printed)).toEqual({
      node: node === process.execPath ? process.versions.node : oldestNode,
      joined: "1970-01-01T00:00:00.000Z",
      allowed: false,
      limitedBy: "user",
      token: "bigint",
      theme: "dark",
      heard: "hello",
      isUp: true,
      isOutage: false,
    });
  }
});

it("runs at the edge: bundled for no platform, where there is nothing of Node", async () => {
  await using gateway = await startUpstashGateway({ redisUrl: inject("redisUrl"), token: "t" });
  const source = await readFile(await bundle("edge-program.ts", { isForNode: false }), "utf8");
  // What every edge runtime has.
  const names = [
    "AbortController AbortSignal Blob DOMException Event EventTarget Headers Request Response TextDecoder",
    "TextEncoder URL URLSearchParams atob btoa clearInterval clearTimeout console crypto fetch performance",
    "queueMicrotask setInterval setTimeout structuredClone",
  ].flatMap((line) => line.split(" "));
  const context = createContext(Object.fromEntries(names.map((name) => [name, Reflect.get(globalThis, name)])));
  new Script(source).runInContext(context);
  const call = new Script(`edge.handle(${JSON.stringify(gateway.url)}, "t", "packed-${randomHex(6)}")`);
  const answer: unknown = await call.runInContext(context);
  expect(JSON.parse(JSON.stringify(answer))).toEqual({
    loaded: [1, 1],
    statuses: [200, 429],
    theme: "dark",
    locked: true,
    rank: 1,
    views: 1,
    isUp: true,
    channel: "UNSUPPORTED_BY_TRANSPORT",
  });
});

/** For Node the packages stay imports, so that what is installed is what runs; for the edge all is one file. */
async function bundle(program: string, { isForNode }: { readonly isForNode: boolean }): Promise<string> {
  const built = await rolldown({
    cwd: join(folder, "app"),
    input: join(folder, "app", program),
    platform: isForNode ? "node" : "neutral",
    external: isForNode ? /^[^./]/ : [],
    // As the edge's bundlers have it.
    ...(isForNode ? {} : { resolve: { mainFields: ["module", "main"] } }),
    // An import that nothing answers would become an external one, with a warning only.
    onLog: (_level, log) => {
      throw new Error(log.message);
    },
  });
  const file = join(folder, "app", program.replace(/\.ts$/, isForNode ? ".mjs" : ".js"));
  const { output } = await built.write({ file, format: isForNode ? "es" : "iife", name: "edge" });
  if (!isForNode) {
    expect(output.flatMap((chunk) => ("imports" in chunk ? chunk.imports : []))).toEqual([]);
  }
  return file;
}

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** What the workspace gives: `.`, `cache` and so on, with the source of each. */
async function listEntries(): Promise<{ readonly entry: string; readonly source: string }[]> {
  const { exports } = await readManifest(join(root, "package.json"));
  return Object.entries(exports).map(([entry, source]) => ({
    entry: entry.replace(/^\.\//, ""),
    source: String(source),
  }));
}

async function readManifest(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(path, "utf8")) as Manifest;
}

function npm(cwd: string, ...packages: readonly string[]): Promise<string> {
  const options = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  return run("npm", ["install", ...options, ...packages], cwd);
}

/** Standard output of a program that must succeed. */
async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, output] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const code = await new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  });
  if (code !== 0) {
    throw new Error(`${command} ${args.join(" ")} failed:\n${output}`);
  }
  return stdout;
}
