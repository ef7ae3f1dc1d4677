import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Conflated } from "./conflated.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("tells of the first change at once, of a crowd once more, and always of the last", () => {
  let calls = 0;
  const conflated = new Conflated(() => (calls += 1), 250);
  conflated.ring();
  expect(calls).toBe(1);
  for (let count = 0; count < 100; count += 1) conflated.ring();
  expect(calls).toBe(1);
  vi.advanceTimersByTime(250);
  expect(calls).toBe(2);
  vi.advanceTimersByTime(250);
  expect([calls, conflated.isIdle]).toEqual([2, true]);
  conflated.ring();
  conflated.ring();
  conflated.stop();
  vi.advanceTimersByTime(1_000);
  expect(calls).toBe(3);
});
