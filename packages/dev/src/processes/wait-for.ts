import { setTimeout as delay } from "node:timers/promises";
import { isAlive } from "./process-table.ts";

/** Waits until the process has ended; false when it has not within `timeoutMs`. */
export function waitForExit(pid: number, timeoutMs: number): Promise<boolean> {
  return waitUntil(() => !isAlive(pid), timeoutMs);
}

/** Asks every 50 ms until the condition holds; false when it does not within `timeoutMs`. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() >= deadline) return false;
    await delay(50);
  }
  return true;
}
