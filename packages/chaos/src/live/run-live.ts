import { planOf } from "./plan.ts";
import { runStory } from "./story.ts";
import { World } from "./world.ts";

export interface RunLiveOptions {
  readonly seed: number;
  readonly runs: number;
  readonly isTraced: boolean;
  readonly print: (line: string) => void;
}

/** Runs the stories of `runs` seeds, one after the other, in one world. Returns how many failed. */
export async function runLive({ seed, runs, isTraced, print }: RunLiveOptions): Promise<number> {
  let world = await World.create();
  let failed = 0;
  let events = 0;
  try {
    for (let current = seed; current < seed + runs; current += 1) {
      const plan = planOf(current);
      const story = await runStory(world, plan);
      events += story.events;
      const figures = `${plan.steps.length} steps, ${story.events} events, ${plan.readers.length} readers, ${story.resets} resets`;
      print(`seed ${current}: ${story.faults.length === 0 ? "ok" : "FAILED"} (${figures}, ${Math.round(story.tookMs)} ms)`);
      if (isTraced || story.faults.length > 0) story.trace.forEach(print);
      if (story.faults.length === 0) continue;
      failed += 1;
      story.faults.slice(0, 20).forEach(print);
      print(`again: pnpm chaos live --seed ${current} --runs 1`);
      await world[Symbol.asyncDispose]();
      world = await World.create();
    }
  } finally {
    await world[Symbol.asyncDispose]();
  }
  print(`${runs} seeds from ${seed}: ${failed} failed, ${events} events`);
  return failed;
}
