import { expect, it } from "vitest";
import { parseMessage, parsePeriod, parseText } from "./search.ts";

it("reads a period and falls back to the season", () => {
  expect(parsePeriod("week")).toBe("week");
  expect(parsePeriod("decade")).toBe("season");
  expect(parsePeriod(undefined)).toBe("season");
});

it("reads a message's id or number and leaves out what is neither", () => {
  expect(parseMessage("0199c1f2-0000-7000-8000-000000000001")).toBe("0199c1f2-0000-7000-8000-000000000001");
  expect(parseMessage(42)).toBe("42");
  expect(parseMessage(-1)).toBeUndefined();
  expect(parseMessage("<b>")).toBeUndefined();
  expect(parseMessage(undefined)).toBeUndefined();
});

it("reads a text and leaves out what is empty or no text", () => {
  expect(parseText("redis")).toBe("redis");
  expect(parseText("")).toBeUndefined();
  expect(parseText(7)).toBeUndefined();
});
