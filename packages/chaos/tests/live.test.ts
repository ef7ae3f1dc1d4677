import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { churn, MANY_MEMBERS, resume, rollingRestart, stall, storm } from "../src/live/cases/index.ts";
import type { LiveCase } from "../src/live/cases/index.ts";
import { planOf } from "../src/live/plan.ts";
import { runStory } from "../src/live/story.ts";
import { World } from "../src/live/world.ts";

/** Seeds that failed once. */
const regressions: { readonly live: readonly number[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, "regressions.json"), "utf8"),
);
/** No new seed after this; the long form is `pnpm chaos live --runs N`. */
const NEW_SEEDS_FOR_MS = 20_000;

let world: World;
beforeAll(async () => {
  world = await World.create({ servers: 3, members: MANY_MEMBERS, graceMs: 5_000 });
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

it("a client that missed 1 000 events has them at once, and one that missed too many a reset and no part of them", async () => {
  expect(await faultsOf("resume", resume, 1)).toEqual([]);
});

it("a stalled client of either transport costs the server less than 2 MB, and catches up without a gap", { timeout: 90_000 }, async () => {
  expect(await faultsOf("stall", stall, 0.03)).toEqual([]);
});

it("a thousand clients that came and went leave nothing behind, in no server and not in Redis", { timeout: 120_000 }, async () => {
  expect(await faultsOf("churn", churn, 1)).toEqual([]);
});

it("clients that come back all at once are served from memory: each process reads the log once", { timeout: 60_000 }, async () => {
  expect(await faultsOf("storm", storm, 0.2)).toEqual([]);
});

it("a rolling restart of three processes is seen by no client for longer than a moment, without a gap", { timeout: 120_000 }, async () => {
  expect(await faultsOf("rolling restart", rollingRestart, 0.2)).toEqual([]);
});

async function faultsOf(name: string, { run }: LiveCase, scale: number): Promise<readonly string[]> {
  const { faults, figures } = await run(world, scale);
  process.stdout.write(`${name}: ${JSON.stringify(figures)}\n`);
  return faults;
}

/** With what is needed to see it again: `pnpm chaos live --seed N --runs 1`. */
async function outcomeOf(seed: number) {
  const { faults, trace } = await runStory(world, planOf(seed));
  return { seed, faults, trace: faults.length === 0 ? [] : trace };
}
