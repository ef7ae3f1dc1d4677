import { setTimeout as wait } from "node:timers/promises";
import { startBalancer } from "@cardinal/dev";
import { judge } from "../judge.ts";
import { Reader } from "../reader.ts";
import { appendUnheard, createRoom } from "../room.ts";
import { settle } from "../settle.ts";
import type { World } from "../world.ts";
import { Writer } from "../writer.ts";
import { type LiveCase, MANY_MEMBERS } from "./live-case.ts";

const CLIENTS = 300;
/** To the same processes, from their memory; to new ones, from several pages of the log. */
const TIMES = [
  { how: "cut", missed: 100, readsEach: 1 },
  { how: "killed", missed: 700, readsEach: 5 },
] as const;

/**
 * All clients of a room are cut in one instant, miss some events and come back together, to the same processes or, these
 * having been killed, to new ones. However many come, each process reads what its memory has not, and that once: a few
 * hundred events a read.
 */
export const storm: LiveCase = {
  world: { servers: 2, members: MANY_MEMBERS, checkEveryMs: 5_000 },
  async run(world, scale) {
    const roomId = await createRoom(world);
    const writer = new Writer(world, roomId);
    await using closing = new AsyncDisposableStack();
    let isClosed = false;
    const targets = () => (isClosed ? [] : world.ports());
    const gate = closing.use(await startBalancer({ targets }));
    const readers: Reader[] = [];
    for (let index = 0; index < CLIENTS * scale; index += 1) {
      readers.push(
        closing.use(await Reader.open({ world, roomId, transport: "websocket", gate, member: world.member(index) })),
      );
    }
    const faults = await settle(world, roomId, readers);
    while (readers.some(({ state }) => state !== "live")) await wait(20);

    const figures: Record<string, number> = { clients: readers.length };
    for (const { how, missed, readsEach } of TIMES) {
      isClosed = true;
      gate.cutAll();
      if (how === "killed") await Promise.all(world.places.map(({ process }) => process.kill()));
      await appendUnheard(world, roomId, missed);
      if (how === "killed") await Promise.all(world.places.map((place) => place.start()));
      // Whoever still knows the room hears of what was missed.
      await writer.write({ kind: "send", member: 0, server: 0, of: 0 });
      await wait(200);
      const before = await countLogReads(world);
      isClosed = false;
      const startedAtMs = performance.now();
      readers.forEach((reader) => reader.restart());
      faults.push(...(await settle(world, roomId, readers)));
      figures[`all back after ms (${how})`] = Math.round(performance.now() - startedAtMs);
      const reads = (await countLogReads(world)) - before;
      figures[`log reads (${how})`] = reads;
      if (reads > readsEach * world.places.length) faults.push(`${how}: the log was read ${reads} times for ${readers.length} clients`);
    }
    faults.push(...(await judge(world, roomId, readers, writer)));
    return { faults, figures };
  },
};

async function countLogReads(world: World): Promise<number> {
  const figures = await Promise.all(world.places.map(({ process }) => process.figures()));
  return figures.reduce((sum, { logReads }) => sum + logReads, 0);
}
