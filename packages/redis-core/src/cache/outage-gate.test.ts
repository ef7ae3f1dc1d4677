import { expect, test } from "vitest";
import { manualClock } from "../clock.ts";
import { OutageGate } from "./outage-gate.ts";

test("after a failure one caller at a time tries again, ever more rarely, until one succeeds", () => {
  const clock = manualClock();
  const gate = new OutageGate(clock);
  expect([gate.enter(), gate.enter()]).toEqual([true, true]);
  let tried = 0;
  gate.failed();
  for (let ms = 0; ms < 20_000; ms += 10) {
    clock.advance(10);
    if (gate.enter()) {
      tried += 1;
      expect(gate.enter()).toBe(false);
      gate.failed();
    }
  }
  expect(tried).toBeGreaterThan(8);
  expect(tried).toBeLessThan(20);
  gate.succeeded();
  expect([gate.enter(), gate.enter()]).toEqual([true, true]);
});
