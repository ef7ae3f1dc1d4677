import { describe, expect, it } from "vitest";
import { manualClock } from "./clock.ts";
import { OutageGate } from "./outage-gate.ts";

describe("OutageGate", () => {
  it("closes after so many failures in a row, lets one call a pause try, and opens when one succeeds", () => {
    const clock = manualClock();
    const gate = new OutageGate(clock, { closesAfter: 3, firstPauseMs: 1_000, longestPauseMs: 1_000 });
    for (const _ of [1, 2]) {
      expect(gate.enter()).toBe(true);
      gate.failed();
    }
    gate.succeeded();
    for (const _ of [1, 2, 3]) {
      expect(gate.enter()).toBe(true);
      gate.failed();
    }
    expect(gate.enter()).toBe(false);
    clock.advance(749);
    expect(gate.enter()).toBe(false);
    clock.advance(251);
    expect([gate.enter(), gate.enter(), gate.enter()]).toEqual([true, false, false]);
    gate.succeeded();
    expect([gate.enter(), gate.enter()]).toEqual([true, true]);
  });

  it("is not kept closed by a clock that went back", () => {
    const clock = manualClock();
    const gate = new OutageGate(clock, { closesAfter: 3, firstPauseMs: 1_000, longestPauseMs: 1_000 });
    for (const _ of [1, 2, 3]) {
      gate.failed();
    }
    clock.advance(-3_600_000);
    expect(gate.enter()).toBe(true);
  });

  it("after a failure one caller at a time tries again, ever more rarely, until one succeeds", () => {
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
});
