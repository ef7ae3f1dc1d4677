import { setTimeout as wait } from "node:timers/promises";
import type { LiveTransport } from "@cardinal/client";
import { startBalancer } from "@cardinal/dev";
import { judge } from "../judge.ts";
import { Reader } from "../reader.ts";
import { appendUnheard, createRoom } from "../room.ts";
import type { ServerFigures, ServerProcess } from "../server-process.ts";
import { settle } from "../settle.ts";
import type { World } from "../world.ts";
import { Writer } from "../writer.ts";
import type { CaseResult, LiveCase } from "./live-case.ts";

const STALLED_FOR_MS = 60_000;
/** Together more than the network between the two keeps. */
const MESSAGES = 3_500;
const CHARACTERS = 4_000;
const PARTS = 20;
const PAUSE_MS = 50;
const LOOK_EVERY_MS = 250;
const LOOKS = 4;
/** For what is freed a little later. */
const SETTLE_MS = 1_000;
const MAY_GROW_BYTES = 2 * 1024 * 1024;

/**
 * A client of each transport stops reading for a minute in which 14 MB are said. The server's memory grows by less than
 * 2 MB, measured against the same talk with nobody stalled, and both catch up without a gap.
 */
export const stall: LiveCase = {
  world: { servers: 1, checkEveryMs: 200 },
  async run(world, scale) {
    const roomId = await createRoom(world);
    const writer = new Writer(world, roomId);
    const transports: readonly LiveTransport[] = ["websocket", "sse"];
    await using closing = new AsyncDisposableStack();
    const readers: Reader[] = [];
    for (const [index, transport] of transports.entries()) {
      const gate = closing.use(await startBalancer({ targets: () => [world.place(0).port] }));
      readers.push(closing.use(await Reader.open({ world, roomId, transport, gate, member: world.member(index) })));
    }
    const faults: string[] = [];
    // Whatever grows by itself has grown after this.
    await say(world, roomId);
    faults.push(...(await settle(world, roomId, readers)));
    const { process: server } = world.place(0);
    // A connection that much has gone through is given large buffers by the system; a new one has small ones.
    readers.forEach(({ gate, states }) => {
      states.splice(0);
      gate.cutAll();
    });
    while (readers.some(({ state, states }) => states.length === 0 || state !== "live")) await wait(20);
    await wait(SETTLE_MS);
    const before = await leanest(server);
    readers.forEach(({ gate }) => gate.setStalled(true));
    let mostBuffered = 0;
    const told = new AbortController();
    const looking = (async () => {
      while (!told.signal.aborted) {
        mostBuffered = Math.max(mostBuffered, (await server.figures()).bufferedBytes);
        await wait(LOOK_EVERY_MS);
      }
    })();
    await say(world, roomId);
    await wait(STALLED_FOR_MS * scale);
    told.abort();
    await looking;
    const stalled = await leanest(server);
    mostBuffered = Math.max(mostBuffered, stalled.bufferedBytes);
    readers.forEach(({ gate }) => gate.setStalled(false));
    const startedAtMs = performance.now();
    faults.push(...(await settle(world, roomId, readers)));
    const settledAtMs = performance.now();
    faults.push(...(await judge(world, roomId, readers, writer)));
    const caughtUpMs = Math.round(settledAtMs - startedAtMs);
    const grewBytes = stalled.heapBytes - before.heapBytes;
    if (grewBytes > MAY_GROW_BYTES) faults.push(`the server's heap grew by ${grewBytes} bytes`);
    if (mostBuffered === 0) faults.push("nobody was stalled");
    if (mostBuffered > MAY_GROW_BYTES) faults.push(`${mostBuffered} bytes waited in the server`);
    return { faults, figures: figuresOf() };

    function figuresOf(): CaseResult["figures"] {
      return {
        "heap grew by KB": Math.round(grewBytes / 1024),
        "RSS grew by KB": Math.round((stalled.rssBytes - before.rssBytes) / 1024),
        "most waiting KB": Math.round(mostBuffered / 1024),
        "caught up after ms": caughtUpMs,
      };
    }
  },
};

/** Without what happens to be under way at the moment. */
async function leanest(server: ServerProcess): Promise<ServerFigures> {
  let least = await server.figures();
  for (let look = 0; look < LOOKS; look += 1) {
    await wait(LOOK_EVERY_MS);
    const figures = await server.figures();
    if (figures.heapBytes < least.heapBytes) least = figures;
  }
  return least;
}

/** Less than what a client may miss before he is told to read his page again. */
async function say(world: World, roomId: string): Promise<void> {
  for (let part = 0; part < PARTS; part += 1) {
    await appendUnheard(world, roomId, MESSAGES / PARTS, CHARACTERS);
    await wait(PAUSE_MS);
  }
}
