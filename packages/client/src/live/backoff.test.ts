import { expect, it } from "vitest";
import { retryDelayMs } from "./backoff.ts";

it("draws from a range that doubles up to 20 s", () => {
  const limits = [0, 1, 2, 3, 10, 100].map((attempt) => retryDelayMs(attempt, () => 1));
  expect(limits).toEqual([800, 800, 1_600, 3_200, 20_000, 20_000]);
  expect(retryDelayMs(5, () => 0)).toBe(0);
});
