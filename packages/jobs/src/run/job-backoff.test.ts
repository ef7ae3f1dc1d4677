import { expect, test } from "vitest";
import { jobBackoffMs } from "./job-backoff.ts";

const backoff = { minMs: 1_000, maxMs: 60_000 };

test("waits at least the minimum and at most the ceiling of the run", () => {
  expect(jobBackoffMs(backoff, 1, () => 0)).toBe(1_000);
  expect(jobBackoffMs(backoff, 1, () => 1)).toBe(2_000);
  expect(jobBackoffMs(backoff, 3, () => 1)).toBe(8_000);
  expect(jobBackoffMs(backoff, 50, () => 1)).toBe(60_000);
});

test("spreads jobs that failed together", () => {
  const waits = new Set(Array.from({ length: 200 }, () => jobBackoffMs(backoff, 6)));
  expect(waits.size).toBeGreaterThan(150);
});
