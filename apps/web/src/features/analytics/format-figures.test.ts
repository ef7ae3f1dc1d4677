import { describe, expect, it } from "vitest";
import { formatChange, formatLabel, formatLength, roundUp } from "./format-figures.ts";

describe("figures", () => {
  it("say how they changed", () => {
    expect(formatChange(null)).toBe("nothing before to compare");
    expect(formatChange(0.001)).toBe("as before");
    expect(formatChange(0.25)).toMatch(/^▲ 25\s?% more than before$/);
    expect(formatChange(-1)).toMatch(/^▼ 100\s?% less than before$/);
  });

  it("have a scale of round numbers", () => {
    expect([0, 1, 3, 10, 11, 199, 201, 1_180].map(roundUp)).toEqual([1, 1, 3, 10, 12, 200, 300, 1_200]);
  });

  it("show lengths and countries in words", () => {
    expect([0, 59_400, 60_000, 185_000].map(formatLength)).toEqual(["0 s", "59 s", "1 min 0 s", "3 min 5 s"]);
    expect(formatLabel("unknown", "country")).toBe("unknown");
    expect(formatLabel("NP", "country")).toBe("Nepal");
    expect(formatLabel("NP", "page")).toBe("NP");
  });
});
