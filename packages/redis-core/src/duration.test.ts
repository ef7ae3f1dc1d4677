import { describe, expect, it } from "vitest";
import { type Duration, toMs, toPositiveMs } from "./duration.ts";
import { Misuse } from "./errors.ts";

describe("toMs", () => {
  it.each<[Duration, number]>([
    [0, 0],
    [1_500, 1_500],
    ["1ms", 1],
    ["0s", 0],
    ["30s", 30_000],
    ["10m", 600_000],
    ["1.5h", 5_400_000],
    ["7d", 604_800_000],
    ["52w", 31_449_600_000],
  ])("reads %j as %i ms", (duration, ms) => {
    expect(toMs(duration)).toBe(ms);
  });

  it("rounds up, so that nothing positive becomes zero", () => {
    expect(toMs(0.2)).toBe(1);
    expect(toMs("0.0001s")).toBe(1);
    expect(toMs("0.5ms")).toBe(1);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, "", "10", "10 m", "-1s", "1y", "m", "1e3s", "١s"])(
    "refuses %j",
    (duration) => {
      expect(() => toMs(duration as Duration)).toThrow(Misuse);
    },
  );

  it("names the option it could not read", () => {
    expect(() => toMs(-1, "ttl")).toThrow(/^ttl must/);
    expect(() => toPositiveMs(0, "lease")).toThrow("lease must be longer than 0");
  });
});
