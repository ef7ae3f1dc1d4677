import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { planOf } from "../src/live/plan.ts";
import { runStory } from "../src/live/story.ts";
import { World } from "../src/live/world.ts";

/** Seeds that failed once. */
const regressions: { readonly live: readonly number[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, "regressions.json"), "utf8"),
);
/** No new seed after this; the long form is `pnpm chaos live --runs N`. */
const NEW_SEEDS_FOR_MS = 25_000;

let world: World;
beforeAll(async () => {
  world = await World.create();
}, 60_000);
afterAll(() => world[Symbol.asyncDispose]());

it("every reader has what the log has, each event once and in order, whatever is lost, repeated, cut, killed and moved", { timeout: 180_000 }, async () => {
  for (const seed of regressions.live) {
    expect(await outcomeOf(seed)).toMatchObject({ faults: [] });
  }
  const first = Number(process.env["PROPERTY_SEED"] ?? randomInt(2 ** 31));
  const untilMs = performance.now() + NEW_SEEDS_FOR_MS;
  let seed = first;
  for (; performance.now() < untilMs; seed += 1) {
    expect(await outcomeOf(seed)).toMatchObject({ faults: [] });
  }
  process.stdout.write(`live: seeds ${first} to ${seed - 1}\n`);
});

/** With what is needed to see it again: `pnpm chaos live --seed N --runs 1`. */
async function outcomeOf(seed: number) {
  const { faults, trace } = await runStory(world, planOf(seed));
  return { seed, faults, trace: faults.length === 0 ? [] : trace };
}
