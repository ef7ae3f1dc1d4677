import { expect, it } from "vitest";
import { createExpiryMemory } from "./expiry-memory.ts";

it("tells a moved expiry from the one it knows, per session", () => {
  const memory = createExpiryMemory();
  expect(memory.hasMoved({ id: "a", expiresAtMs: 1 })).toBe(true);
  expect(memory.hasMoved({ id: "a", expiresAtMs: 1 })).toBe(false);
  expect(memory.hasMoved({ id: "b", expiresAtMs: 1 })).toBe(true);
  expect(memory.hasMoved({ id: "a", expiresAtMs: 2 })).toBe(true);
});

it("forgets the session that was used longest ago", () => {
  const memory = createExpiryMemory(2);
  for (const id of ["a", "b", "a", "c"]) {
    memory.hasMoved({ id, expiresAtMs: 1 });
  }
  expect(memory.hasMoved({ id: "a", expiresAtMs: 1 })).toBe(false);
  expect(memory.hasMoved({ id: "b", expiresAtMs: 1 })).toBe(true);
});
