import { expect, it } from "vitest";
import { parsePeriod, parseText } from "./search.ts";

it("reads a period and falls back to the season", () => {
  expect(parsePeriod("week")).toBe("week");
  expect(parsePeriod("decade")).toBe("season");
  expect(parsePeriod(undefined)).toBe("season");
});

it("reads a text and leaves out what is empty or no text", () => {
  expect(parseText("redis")).toBe("redis");
  expect(parseText("")).toBeUndefined();
  expect(parseText(7)).toBeUndefined();
});
