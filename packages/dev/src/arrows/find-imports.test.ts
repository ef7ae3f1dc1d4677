import { expect, test } from "vitest";
import { findImports } from "./find-imports.ts";

const summary = (source: string) =>
  findImports(source).map(({ specifier, isType, line }) => `${line}:${isType ? "type " : ""}${specifier}`);

test.each([
  ['import a from "a";', ["1:a"]],
  ['import "a";', ["1:a"]],
  ["import * as a from 'a';", ["1:a"]],
  ['import a, { b as c, type D } from "a";', ["1:a"]],
  ['import {\n  a,\n  b,\n} from "a";', ["4:a"]],
  ['import type { A } from "a";', ["1:type a"]],
  ['import type A from "a";', ["1:type a"]],
  ['import type * as A from "a";', ["1:type a"]],
  ['import type from "a";', ["1:a"]],
  ['import { type A } from "a";', ["1:a"]],
  ['export { a } from "a";', ["1:a"]],
  ['export * from "a";', ["1:a"]],
  ['export * as b from "a";', ["1:a"]],
  ['export type { A } from "a";', ["1:type a"]],
  ['export type A = B;\nexport { c };\nconst from = "x";', []],
  ['const a = await import("a");', ["1:a"]],
  ['type A = typeof import("a");', ["1:type a"]],
  ['const url = new URL("./a.sql", import.meta.url);', ["1:type ./a.sql"]],
  ['import json from "./a.json" with { type: "json" };', ["1:./a.json"]],
])("reads %j", (source, expected) => {
  expect(summary(source)).toEqual(expected);
});

test("is not misled by comments, strings, templates, regular expressions and JSX", () => {
  const source = [
    '// import a from "no-comment";',
    '/* export * from "no-block"; */',
    "const text = 'import b from \"no-string\"';",
    'const template = `import c from "no-template" ${(() => { return `${"}"}`; })()} import "no"`;',
    'const pattern = /import "no-regexp" [/"`]/g; const half = total / 2; const other = `/`;',
    "const element = <p>Don't import d from here</p>;",
    'object.import("no-method");',
    'import yes from "yes";',
  ].join("\n");
  expect(summary(source)).toEqual(["8:yes"]);
});
