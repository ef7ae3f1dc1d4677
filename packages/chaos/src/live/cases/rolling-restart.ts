import { setTimeout as wait } from "node:timers/promises";
import { startBalancer } from "@cardinal/dev";
import { judge } from "../judge.ts";
import { Reader } from "../reader.ts";
import { createRoom } from "../room.ts";
import { settle } from "../settle.ts";
import { Writer } from "../writer.ts";
import { type LiveCase, MANY_MEMBERS } from "./live-case.ts";

const CLIENTS = 300;
const SSE_EVERY = 5;
const SAY_EVERY_MS = 50;
/** A page says nothing of the first two seconds; three times that for a machine that is busy. */
const MOMENT_MS = 6_000;
const BUCKET_MS = 100;

/**
 * All servers behind one address are stopped and started, one after the other, while clients of both transports read
 * and one writes. Nobody has a gap or is "reconnecting" for longer than a moment, and they do not come all at once.
 */
export const rollingRestart: LiveCase = {
  world: { servers: 3, members: MANY_MEMBERS, checkEveryMs: 5_000, graceMs: 8_000 },
  async run(world, scale) {
    const roomId = await createRoom(world);
    const writer = new Writer(world, roomId);
    const opened: number[] = [];
    await using closing = new AsyncDisposableStack();
    const gate = closing.use(
      await startBalancer({ targets: () => world.ports(), onConnection: () => opened.push(performance.now()) }),
    );
    const readers: Reader[] = [];
    for (let index = 0; index < CLIENTS * scale; index += 1) {
      const transport = index % SSE_EVERY === 0 ? "sse" : "websocket";
      readers.push(closing.use(await Reader.open({ world, roomId, transport, gate, member: world.member(index) })));
    }
    const faults = await settle(world, roomId, readers);
    while (readers.some(({ state }) => state !== "live")) await wait(20);
    const openedBefore = opened.length;
    readers.forEach(({ states }) => states.splice(0));

    let isOver = false;
    const writing = (async () => {
      for (let n = 0; !isOver; n += 1) {
        await writer.write({ kind: "send", member: n, server: n, of: n });
        await wait(SAY_EVERY_MS);
      }
    })();
    const startedAtMs = performance.now();
    for (const place of world.places) {
      place.drain();
      await place.heal();
    }
    const tookMs = performance.now() - startedAtMs;
    isOver = true;
    await writing;
    faults.push(...(await settle(world, roomId, readers)), ...(await judge(world, roomId, readers, writer)));

    const seen = readers.flatMap(({ states }, index) => longestAway(states, index % SSE_EVERY === 0));
    const longestMs = Math.max(0, ...seen.map(({ ms }) => ms));
    if (longestMs > MOMENT_MS) faults.push(`one was reconnecting for ${Math.round(longestMs)} ms`);
    const { reconnects, busiest } = spreadOf(opened.slice(openedBefore));
    return {
      faults,
      figures: {
        clients: readers.length,
        messages: writer.acknowledged.length,
        resets: readers.reduce((sum, { view }) => sum + view.resets, 0),
        "took ms": Math.round(tookMs),
        "WebSocket clients seen reconnecting": seen.filter(({ isSse }) => !isSse).length,
        "SSE clients seen reconnecting": seen.filter(({ isSse }) => isSse).length,
        "reconnecting at most ms": Math.round(longestMs),
        connections: reconnects,
        "connections in the busiest 100 ms": busiest,
      },
    };
  },
};

/** The longest time in which a client was not served; none if it always was. */
function longestAway(states: Reader["states"], isSse: boolean): { ms: number; isSse: boolean }[] {
  const times = states.flatMap(({ state, atMs }, index) =>
    state === "live" ? [] : [(states[index + 1]?.atMs ?? performance.now()) - atMs],
  );
  return times.length === 0 ? [] : [{ ms: Math.max(...times), isSse }];
}

function spreadOf(opened: readonly number[]): { reconnects: number; busiest: number } {
  const buckets = new Map<number, number>();
  for (const atMs of opened) {
    const bucket = Math.floor(atMs / BUCKET_MS);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }
  return { reconnects: opened.length, busiest: Math.max(0, ...buckets.values()) };
}
