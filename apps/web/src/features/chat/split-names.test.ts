import { expect, it } from "vitest";
import { splitNames } from "./split-names.ts";

it.each([
  ["hello", ["hello"], []],
  ["@ada hi @Bo, all", ["@ada", " hi ", "@Bo", ", all"], ["ada", "bo"]],
  ["ada@cardinal.test, @@ada, /@ada", ["ada@cardinal.test, @@ada, /@ada"], []],
  ["", [], []],
])("cuts %j", (text, pieces, names) => {
  const parts = splitNames(text);
  expect(parts.map(({ part }) => part)).toEqual(pieces);
  expect(parts.flatMap(({ name }) => name ?? [])).toEqual(names);
  expect(parts.every(({ at, part }) => text.startsWith(part, at))).toBe(true);
});
