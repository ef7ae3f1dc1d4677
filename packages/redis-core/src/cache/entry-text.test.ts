import { expect, test } from "vitest";
import { decodeTag, encodeTags, EntryText } from "./entry-text.ts";

test("the header is read, and the value is all the rest, bars included", () => {
  const entry = EntryText.parse('c2|77|3|1000|2000|3000|12|a,b%3Ac|1j{"x":"|"}');
  expect(entry).toMatchObject({ createdAtMs: 1_000, freshUntilMs: 2_000, loadMs: 12, tags: ["a", "b%3Ac"] });
  expect(entry?.text).toBe('1j{"x":"|"}');
  expect(EntryText.parse("c2|1|1|1|1|1|1||1j0")?.tags).toEqual([]);
  for (const foreign of ["", "c2|", "c1|1|1|1|1|1||1j1", "c2|1|1|1|1|1|1"]) {
    expect(EntryText.parse(foreign)).toBeNull();
  }
});

test("tags are any text, each once, at most 64", () => {
  const tags = ["a", "a", "user:7", "x,y|z", "日本"];
  const encoded = encodeTags(tags);
  expect(encoded.map(decodeTag)).toEqual(["a", "user:7", "x,y|z", "日本"]);
  expect(encoded.join("")).not.toMatch(/[,|]/);
  expect(() => encodeTags(Array.from({ length: 65 }, (_, index) => `t${index}`))).toThrow("at most 64");
  expect(() => encodeTags([""])).toThrow();
});
