import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeLike, normalizeEmail, normalizeForSearch, normalizeUsername } from "./text.ts";

test("treats addresses that differ in case, spaces and width as one", () => {
  expect(normalizeEmail("  Ada@Example.TEST ")).toBe("ada@example.test");
  expect(normalizeEmail("ａda@example.test")).toBe("ada@example.test");
  expect(normalizeUsername(" Ada ")).toBe("ada");
});

test("searches without accents and case", () => {
  expect(normalizeForSearch("  Zoë   BANKS ")).toBe("zoe banks");
});

test("normalising twice changes nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(normalizeForSearch(normalizeForSearch(text))).toBe(normalizeForSearch(text));
      expect(normalizeEmail(normalizeEmail(text))).toBe(normalizeEmail(text));
    }),
  );
});

test("takes the meaning from LIKE's special characters", () => {
  expect(escapeLike(String.raw`50%_\ `)).toBe(String.raw`50\%\_\\ `);
});
