import { setTimeout as wait } from "node:timers/promises";
import { roomEventQueries } from "@cardinal/db";
import type { Step } from "./plan.ts";
import type { Reader } from "./reader.ts";
import { appendUnheard } from "./room.ts";
import type { World } from "./world.ts";
import type { Writer } from "./writer.ts";

/** Where a story takes place. */
export interface Scene {
  readonly world: World;
  readonly roomId: string;
  readonly readers: readonly Reader[];
  readonly writer: Writer;
  /** What goes on beside the next steps, and has to end with the story. */
  readonly pending: Promise<unknown>[];
}

/** Lets one thing happen. What takes a while goes on beside the steps after it. */
export async function takeStep(scene: Scene, step: Step): Promise<void> {
  const { world, readers, pending } = scene;
  const place = world.place("server" in step ? step.server : 0);
  const reader = readers["reader" in step ? step.reader % readers.length : 0];
  switch (step.do) {
    case "write":
      for (let n = 0; n < step.times; n += 1) {
        const { kind, member, server, of } = step;
        pending.push(scene.writer.write({ kind, member: member + n, server: server + n, of: of + n }));
      }
      return;
    case "deliver":
      return place.deliver(step.fates);
    case "publish":
      return place.publish(step.fates);
    case "killAtPublish":
      return place.killAtPublish();
    case "killServer":
      return place.kill(step.ms);
    case "freezeServer":
      return place.freeze(step.ms);
    case "drainServer":
      return place.drain();
    case "cutRedis":
      place.toRedis.cutAll();
      return;
    case "stallRedis":
      pending.push(place.stallRedis(step.ms));
      return;
    case "restartRedis":
      pending.push(world.restartRedis(step.ms));
      return;
    case "cutReader":
      reader?.gate.cutAll();
      return;
    case "switchTransport":
      return reader?.switchTransport();
    case "leave":
      return reader?.leave();
    case "comeBack":
      return reader?.comeBack();
    case "stallReader":
      if (reader) pending.push(stall(reader, step.ms));
      return;
    case "flood":
      return appendUnheard(world, scene.roomId, step.count, step.characters);
    case "trim":
      return trim(scene, step.keepLast);
    case "wait":
      await wait(step.ms);
  }
}

async function stall(reader: Reader, ms: number): Promise<void> {
  reader.gate.setStalled(true);
  await wait(ms);
  reader.gate.setStalled(false);
}

async function trim({ world, roomId }: Scene, keepLast: number): Promise<void> {
  await world.db.write((tx) => {
    roomEventQueries.trim(tx, { roomId, olderThanMs: Date.now() + 1_000, keepLast, limit: 100_000 });
  });
}
