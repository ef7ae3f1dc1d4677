import { churn, type LiveCase, resume, rollingRestart, stall, storm } from "./cases/index.ts";
import { World } from "./world.ts";

const liveCases: Readonly<Record<string, LiveCase>> = {
  churn,
  resume,
  "rolling-restart": rollingRestart,
  stall,
  storm,
};

/** Runs one case in a world of its own, prints its figures, and returns how many faults it has. */
export async function runCase(name: string, scale: number, print: (line: string) => void): Promise<number> {
  const found = liveCases[name];
  if (!found) {
    print(`No such case: ${name}. Cases: ${Object.keys(liveCases).join(", ")}`);
    return 1;
  }
  await using world = await World.create(found.world);
  const { faults, figures } = await found.run(world, scale);
  for (const [figure, value] of Object.entries(figures)) print(`${name}: ${figure}: ${value}`);
  faults.slice(0, 20).forEach((fault) => print(`${name}: FAILED: ${fault}`));
  return faults.length;
}
