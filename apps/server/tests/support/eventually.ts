import { setTimeout as delay } from "node:timers/promises";

/**
 * Repeats an assertion until it holds, for what another process decides the moment of. Fails with its last
 * error.
 */
export async function eventually(assertion: () => Promise<void>, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await delay(25);
    }
  }
}
