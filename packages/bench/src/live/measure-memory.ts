import { setTimeout as wait } from "node:timers/promises";
import { inTurns } from "./contenders.ts";
import type { LiveContender, RunningContender } from "./live-contender.ts";
import { manyRooms, returning } from "./loads.ts";
import { Clients } from "./run-clients.ts";
import { loadAverage, remark } from "./to-rows.ts";

/** Bytes of one connection that is in its room. */
export interface MemoryFigures {
  readonly rss: number;
  readonly heap: number;
}

/**
 * How much the servers grew, everything collectable collected, per connection. Some clients come and go first, so that
 * code and pools which are there once for all of them are not counted.
 */
export async function measureMemory(redisUrl: string): Promise<ReadonlyMap<string, readonly MemoryFigures[]>> {
  remark(`memory: ${loadAverage()}`);
  return await inTurns(redisUrl, bytesEach);
}

async function bytesEach(contender: LiveContender, running: RunningContender): Promise<MemoryFigures> {
  await using warmUp = new Clients();
  await warmUp.open(contender, running, returning);
  await warmUp.cut();
  await wait(1_000);
  const before = await usedBy(running);
  await using clients = new Clients();
  await clients.open(contender, running, manyRooms);
  await wait(1_000);
  const after = await usedBy(running);
  const connections = manyRooms.rooms * manyRooms.clientsPerRoom;
  const figures = {
    rss: (after.rss - before.rss) / connections,
    heap: (after.heap - before.heap) / connections,
  };
  const external = ((after.external - before.external) / connections).toFixed(0);
  remark(
    `${contender.name}, ${connections} connections: ${figures.rss.toFixed(0)} bytes resident, ` +
      `${figures.heap.toFixed(0)} heap, ${external} external each`,
  );
  return figures;
}

async function usedBy({ servers }: RunningContender): Promise<{ rss: number; heap: number; external: number }> {
  const each = await Promise.all(servers.map((server) => server.ask("memory")));
  return {
    rss: each.reduce((sum, { rss }) => sum + rss, 0),
    heap: each.reduce((sum, { heap }) => sum + heap, 0),
    external: each.reduce((sum, { external }) => sum + external, 0),
  };
}
