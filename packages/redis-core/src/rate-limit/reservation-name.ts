import { randomHex } from "../random.ts";
import type { AskedRule } from "./asked-rule.ts";
import type { LimitAlgorithm } from "./rules.ts";

const keepsEntries: ReadonlySet<LimitAlgorithm> = new Set(["sliding-window-log", "concurrency"]);

/** Nobody else's, so that a number is enough to tell this process's calls apart. */
const processName = randomHex(12);
let named = 0;

/** A name for the entries of one call, where a rule keeps entries; else `""`. */
export function nameReservation(asked: readonly AskedRule<string>[]): string {
  for (const { plan } of asked) {
    if (keepsEntries.has(plan.rule.algorithm)) {
      named += 1;
      return `${processName}.${named.toString(36)}`;
    }
  }
  return "";
}
