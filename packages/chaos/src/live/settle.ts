import { setTimeout as wait } from "node:timers/promises";
import type { Reader } from "./reader.ts";
import { headOf } from "./room.ts";
import type { World } from "./world.ts";

const SETTLED_WITHIN_MS = 30_000;
const RESTART_EVERY_MS = 4_000;

/** Waits until every reader stands at the log's head, for as long as that may take; says who does not. */
export async function settle(world: World, roomId: string, readers: readonly Reader[]): Promise<string[]> {
  const headSeq = await headOf(world, roomId);
  const deadlineMs = performance.now() + SETTLED_WITHIN_MS;
  let restartAtMs = 0;
  const late = () => readers.filter(({ view }) => view.position?.seq !== headSeq);
  while (late().length > 0 && performance.now() < deadlineMs) {
    if (performance.now() > restartAtMs) {
      // Who waits for the next attempt need not do so; who is served has to be healed where he is.
      readers.filter(({ state }) => state !== "live").forEach((reader) => reader.restart());
      restartAtMs = performance.now() + RESTART_EVERY_MS;
    }
    await wait(15);
  }
  return late().map(
    ({ view, state, transport }) => `over ${transport} (${state}) one stands at ${view.position?.seq} of ${headSeq}`,
  );
}
