import type { LiveTransport } from "@cardinal/client";
import { judge } from "../judge.ts";
import { Reader } from "../reader.ts";
import { appendUnheard, createRoom, headOf } from "../room.ts";
import { settle } from "../settle.ts";
import { Writer } from "../writer.ts";
import type { LiveCase } from "./live-case.ts";

const MISSED = 1_000;
const MOST_MISSED = 5_000;
const WITHIN_MS = 3_000;

/**
 * A client that comes back after 1 000 missed events has them within a second (three are allowed), over either
 * transport; one that missed more than 5 000 is told to read its page again and gets no part of them.
 */
export const resume: LiveCase = {
  world: { servers: 1 },
  async run(world) {
    const faults: string[] = [];
    const figures: Record<string, number> = {};
    for (const transport of ["websocket", "sse"] satisfies LiveTransport[]) {
      for (const missed of [MISSED, MOST_MISSED, MOST_MISSED + 1]) {
        const roomId = await createRoom(world);
        const writer = new Writer(world, roomId);
        await using reader = await Reader.open({ world, roomId, transport, member: world.member(1) });
        await appendUnheard(world, roomId, 1);
        faults.push(...(await settle(world, roomId, [reader])));
        reader.leave();
        await appendUnheard(world, roomId, missed, 80);
        const heard = reader.view.events.length;
        const startedAtMs = performance.now();
        reader.comeBack();
        faults.push(...(await settle(world, roomId, [reader])));
        const tookMs = Math.round(performance.now() - startedAtMs);
        faults.push(...(await judge(world, roomId, [reader], writer)));
        const { events, resets } = reader.view;
        figures[`${missed} over ${transport}, ms`] = tookMs;
        const isTooMuch = missed > MOST_MISSED;
        if (resets !== (isTooMuch ? 1 : 0)) faults.push(`${missed} missed: ${resets} resets`);
        if (events.length !== (isTooMuch ? 0 : heard + missed)) faults.push(`${missed} missed: ${events.length} came`);
        if (missed === MISSED && tookMs > WITHIN_MS) faults.push(`${missed} missed took ${tookMs} ms`);
        if ((await headOf(world, roomId)) !== missed + 1) faults.push("the room is not what it should be");
      }
    }
    return { faults, figures };
  },
};
