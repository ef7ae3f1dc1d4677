import { glob, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { generate } from "../../scripts/generate-scripts.ts";
import { declaredScripts, type ScriptDefinition } from "./define-script.ts";

const source = dirname(import.meta.dirname);
const names = (await Array.fromAsync(glob("**/*.lua", { cwd: source, exclude: ["**/*.part.lua"] })))
  .map((file) => file.replaceAll("\\", "/").replace(/\.lua$/, ""))
  .toSorted();

/** What the comment lines at the top of a `.lua` file say of one of its tables. */
interface Header {
  /** Names of KEYS[1], KEYS[2] … or ARGV[1] …, in the order of the lines. */
  readonly names: string[];
  readonly takesMore: boolean;
}

function readHeader(lines: readonly string[], table: "KEYS" | "ARGV"): Header {
  const header: Header = { names: [], takesMore: false };
  let takesMore = false;
  for (const line of lines) {
    const [, index, name = ""] = new RegExp(String.raw`^-- ${table}\[(\d+|\d*\.\.\.)\] (\w*)`).exec(line) ?? [];
    if (index === undefined) {
      continue;
    }
    expect(takesMore, `nothing comes after ${table}[...]`).toBe(false);
    if (index.endsWith("...")) {
      takesMore = true;
      expect(["", String(header.names.length + 1)]).toContain(index.slice(0, -3));
    } else {
      expect(Number(index), `of ${line}`).toBe(header.names.length + 1);
      header.names.push(name);
    }
  }
  return { ...header, takesMore };
}

describe("scripts", () => {
  let definitions: ReadonlyMap<string, ScriptDefinition>;

  beforeAll(async () => {
    for (const name of new Set(names.map((each) => dirname(each)))) {
      await import(join(source, name, "scripts.ts"));
    }
    definitions = new Map(declaredScripts().map((definition) => [definition.name, definition]));
  });

  it("are all declared, and all declarations have a file", () => {
    expect([...definitions.keys()].toSorted()).toEqual(names);
  });

  it("stand in the generated module as they are in their files", async () => {
    for (const { path, content } of await generate()) {
      expect(await readFile(join(source, "../../..", path), "utf8")).toBe(content);
    }
  });

  describe.each(names)("%s", (name) => {
    it("has the header that its declaration says", async () => {
      const lines = (await readFile(join(source, `${name}.lua`), "utf8")).split("\n");
      const top = lines.slice(0, lines.findIndex((line) => !line.startsWith("--")));
      const definition = definitions.get(name);
      const keys = readHeader(top, "KEYS");
      const args = readHeader(top, "ARGV");
      expect(top[0]).toMatch(/^-- [A-Z].*\.$/);
      expect(keys.names).toEqual(definition?.keys);
      expect(args.names).toEqual(["now", ...(definition?.args ?? [])]);
      expect({ keys: keys.takesMore, args: args.takesMore }).toEqual({
        keys: definition?.rest === "keys" || definition?.rest === "keys and args",
        args: definition?.rest === "args" || definition?.rest === "keys and args",
      });
      expect(top.some((line) => /^-- RETURNS \S/.test(line))).toBe(true);
      expect(top.some((line) => /^-- ATOMIC because \S/.test(line))).toBe(true);
    });

    it("reads the time only by the clock it is handed, and never looks for keys", () => {
      const body = definitions.get(name)?.source ?? "";
      const withoutPrelude = body.replace("redis.call('TIME')", "");
      expect(withoutPrelude).not.toMatch(/'(TIME|KEYS|SCAN|RANDOMKEY|FLUSHALL|FLUSHDB)'/i);
    });
  });
});
