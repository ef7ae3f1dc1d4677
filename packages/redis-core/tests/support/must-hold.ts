import type { HeldLock } from "../../src/locks/index.ts";

/** The lock of an attempt that must succeed. */
export async function mustHold(attempt: Promise<HeldLock | null>): Promise<HeldLock> {
  const held = await attempt;
  if (!held) {
    throw new Error("the lock was busy");
  }
  return held;
}
