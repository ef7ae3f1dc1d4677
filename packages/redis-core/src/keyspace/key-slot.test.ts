import { describe, expect, it } from "vitest";
import { slotOfKey } from "./key-slot.ts";

describe("slotOfKey", () => {
  // The first is the check value of the Cluster specification (CRC16 of "123456789" is 0x31C3).
  it.each([
    ["123456789", 0x31c3],
    ["foo", 12_182],
    ["bar", 5_061],
    ["hello", 866],
    ["", 0],
    ["foo{bar}{zap}", 5_061],
    ["{bar}", 5_061],
  ])("puts %j into slot %i", (key, slot) => {
    expect(slotOfKey(key)).toBe(slot);
  });

  it("hashes only the first non-empty tag, as the specification's examples say", () => {
    expect(slotOfKey("{user1000}.following")).toBe(slotOfKey("{user1000}.followers"));
    expect(slotOfKey("foo{{bar}}zap")).toBe(slotOfKey("{bar"));
    expect(slotOfKey("foo{}{bar}")).not.toBe(slotOfKey("bar"));
    expect(slotOfKey("foo{bar")).not.toBe(slotOfKey("bar"));
  });
});
