import { vi } from "vitest";

/** Tries until it does not throw, for as long as a busy machine may need. */
export function eventually(attempt: () => unknown): Promise<void> {
  return vi.waitFor(
    async () => {
      await attempt();
    },
    { timeout: 15_000, interval: 10 },
  );
}
