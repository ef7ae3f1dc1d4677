import { setTimeout as wait } from "node:timers/promises";
import { judge } from "./judge.ts";
import type { Plan } from "./plan.ts";
import { Reader } from "./reader.ts";
import { appendUnheard, createRoom, headOf } from "./room.ts";
import { settle } from "./settle.ts";
import { type Scene, takeStep } from "./take-step.ts";
import type { World } from "./world.ts";
import { Writer } from "./writer.ts";

const HEARS_WITHIN_MS = 20_000;

export interface StoryResult {
  /** Empty: every view equals the log. */
  readonly faults: readonly string[];
  /** What happened when. */
  readonly trace: readonly string[];
  readonly events: number;
  readonly resets: number;
  readonly tookMs: number;
}

/** Lets a plan happen to a new room, heals everything, waits until all stand at the log's head, and compares. */
export async function runStory(world: World, plan: Plan): Promise<StoryResult> {
  const startedAtMs = performance.now();
  const trace: string[] = [];
  const note = (line: string) => {
    trace.push(`${String(Math.round(performance.now() - startedAtMs)).padStart(6)} ms  ${line}`);
  };
  await using closing = new AsyncDisposableStack();
  const roomId = await createRoom(world);
  const writer = new Writer(world, roomId);
  closing.defer(() => writer.close());
  const readers: Reader[] = [];
  for (const [index, { member, transport }] of plan.readers.entries()) {
    const heard = (line: string) => note(`reader ${index}: ${line}`);
    const options = { world, roomId, transport, member: world.member(member), trace: heard };
    readers.push(closing.use(await Reader.open(options)));
  }

  const scene: Scene = { world, roomId, readers, writer, pending: [] };
  for (const step of plan.steps) {
    note(JSON.stringify(step));
    await takeStep(scene, step);
  }
  await Promise.all(world.places.map((place) => place.heal()));
  await Promise.all(scene.pending);
  readers.forEach((reader) => reader.comeBack());
  note("all is healed and written");
  // One more that nobody rings for, so that no later doorbell shows the way to what was lost before.
  await appendUnheard(world, roomId, 1);
  const late = await settle(world, roomId, readers);
  note(late.length === 0 ? "settled" : "not settled");
  const deaf = await findDeaf(scene);
  note("heard again");
  return {
    faults: [...late, ...deaf, ...(await judge(world, roomId, readers, writer))],
    trace,
    events: await headOf(world, roomId),
    resets: readers.reduce((sum, { view }) => sum + view.resets, 0),
    tookMs: performance.now() - startedAtMs,
  };
}

/** The servers that do not hear doorbells any more, although their Redis is well. */
async function findDeaf({ world, roomId, readers, writer }: Scene): Promise<string[]> {
  const deadlineMs = performance.now() + HEARS_WITHIN_MS;
  for (;;) {
    const before = await Promise.all(world.places.map(({ process }) => process.figures()));
    await writer.write({ kind: "send", member: 0, server: 0, of: 0 });
    await settle(world, roomId, readers);
    const after = await Promise.all(world.places.map(({ process }) => process.figures()));
    const deaf = world.places.flatMap(({ port }, index) => {
      const hears = (after[index]?.heardEvents ?? 0) > (before[index]?.heardEvents ?? 0);
      // One without readers need not hear.
      return hears || after[index]?.streams === 0 ? [] : [`the server on port ${port} hears no doorbell`];
    });
    // It may be on its way back to Redis still, and a check may have been quicker than the doorbell.
    if (deaf.length === 0 || performance.now() > deadlineMs) return deaf;
    await wait(200);
  }
}
