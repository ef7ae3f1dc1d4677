import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { publint } from "publint";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const DEPENDENCIES = ["@trpc/client", "@trpc/server", "eventsource-parser"];

const PROGRAM = `
import { createCardinalClient } from "@cardinal/client";
import { createCardinalLinks } from "@cardinal/client/links";

const client = createCardinalClient({ url: "http://localhost:3000", token: "t" });
export async function slugs(): Promise<string[]> {
  const { rooms } = await client.trpc.room.list.query();
  return rooms.map((room) => room.slug);
}
export async function mistakes(): Promise<void> {
  // @ts-expect-error a body is text
  await client.trpc.chat.send.mutate({ roomId: "r", body: 7, clientMessageId: "c" });
  // @ts-expect-error there is no such procedure
  await client.trpc.room.explode.query();
}
export async function follow(signal: AbortSignal): Promise<string[]> {
  const bodies: string[] = [];
  for await (const { id, data } of client.live.chat.onEvent({ roomId: "r" }, { signal, buffer: 8 })) {
    if (data.kind === "batch") bodies.push(id, ...data.events.map(({ message }) => message.body));
  }
  for await (const { data } of client.live.inbox.onEvent()) bodies.push(String(data.unread.toFixed()));
  // @ts-expect-error a room is named by roomId
  client.live.chat.onEvent({ room: "r" });
  // @ts-expect-error what is no subscription is no loop
  client.live.room.list();
  return bodies;
}
export const links = createCardinalLinks({ url: "http://localhost:3000" });
client.close();
console.log("runs");
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cardinal-packed-"));
  const installed = join(folder, "node_modules/@cardinal/client");
  mkdirSync(installed, { recursive: true });
  run([join(root, "scripts/build.ts"), join(folder, "built")], root);
  cpSync(join(folder, "built"), join(installed, "dist"), { recursive: true });
  const manifest: { publishConfig: object } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  writeFileSync(join(installed, "package.json"), JSON.stringify({ ...manifest, ...manifest.publishConfig }));
  for (const name of DEPENDENCIES) {
    const target = join(folder, "node_modules", name);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(join(root, "node_modules", name), target);
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "program.ts"), PROGRAM);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(args: string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${args[0]} failed:\n${stdout}\n${stderr}`);
  return stdout;
}

it("is typed to the last procedure, without a package of the workspace", () => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const options =
    "--noEmit --strict --module nodenext --target es2024 --skipLibCheck false --lib es2024,dom,esnext.disposable";
  expect(() => run([tsc, ...options.split(" "), "--types", "", "program.ts"], folder)).not.toThrow();
});

it("is right for every consumer of ES modules, by publint and arethetypeswrong", async () => {
  const pkgDir = join(folder, "node_modules/@cardinal/client");
  const { messages } = await publint({ pkgDir, pack: false, strict: true });
  expect(messages).toEqual([]);
  const attw = join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
  expect(run([attw, "--pack", pkgDir, "--profile", "esm-only"], folder)).toContain("@cardinal/client");
});

it("runs as it is installed", () => {
  expect(run(["program.ts"], folder)).toContain("runs");
});
