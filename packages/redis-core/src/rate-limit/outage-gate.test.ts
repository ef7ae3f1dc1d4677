import { describe, expect, it } from "vitest";
import { manualClock } from "../clock.ts";
import { OutageGate } from "./outage-gate.ts";

describe("OutageGate", () => {
  it("closes after three failures in a row, lets one call a second try, and opens when one succeeds", () => {
    const clock = manualClock();
    const gate = new OutageGate(clock);
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
    clock.advance(999);
    expect(gate.enter()).toBe(false);
    clock.advance(1);
    expect([gate.enter(), gate.enter(), gate.enter()]).toEqual([true, false, false]);
    gate.succeeded();
    expect([gate.enter(), gate.enter()]).toEqual([true, true]);
  });

  it("is not kept closed by a clock that went back", () => {
    const clock = manualClock();
    const gate = new OutageGate(clock);
    for (const _ of [1, 2, 3]) {
      gate.failed();
    }
    clock.advance(-3_600_000);
    expect(gate.enter()).toBe(true);
  });
});
