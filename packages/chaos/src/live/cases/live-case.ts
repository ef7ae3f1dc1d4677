import type { World, WorldOptions } from "../world.ts";

export interface CaseResult {
  /** Empty: what was to be shown was. */
  readonly faults: readonly string[];
  /** What was measured, by name and unit. */
  readonly figures: Readonly<Record<string, number>>;
}

/** One hard thing, at the size it is asked for; `scale` 1 is the size of the long form. */
export interface LiveCase {
  readonly world: WorldOptions;
  run(world: World, scale: number): Promise<CaseResult>;
}

/** The seeded members: a member may hold twenty sockets, so many clients need many. */
export const MANY_MEMBERS = [
  "ada", "bo", "cy", "di", "emeka", "farah", "gus", "hanna", "ilya", "june",
  "kofi", "lena", "mateo", "nia", "omar", "priya", "quinn",
];
