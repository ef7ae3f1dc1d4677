import fc from "fast-check";
import { expect, test } from "vitest";
import { Misuse } from "../errors.ts";
import { formatScore, parseScore } from "./score-text.ts";

test("reads every double it wrote, and what Redis prints for infinities and exponents", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (score) => {
      expect(parseScore(formatScore(score))).toBe(score === 0 ? 0 : score);
    }),
  );
  expect(["inf", "-inf", "1.5e+21", "-2e-300", ".5", "7."].map(parseScore)).toEqual([
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    1.5e21,
    -2e-300,
    0.5,
    7,
  ]);
});

test.each(["nan", "", " 1", "1x", "0x10", "e5", "Infinity"])("refuses %j", (text) => {
  expect(() => parseScore(text)).toThrow(Misuse);
});

test("refuses to write NaN", () => {
  expect(() => formatScore(Number.NaN)).toThrow(Misuse);
});
