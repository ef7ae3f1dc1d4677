import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";

/** A run that failed once, by what fast-check prints of it. */
interface Regression {
  readonly seed: number;
  readonly path?: string;
}

/** Property → its failed runs: `tests/regressions.json`. */
const regressions = JSON.parse(
  readFileSync(join(import.meta.dirname, "../regressions.json"), "utf8"),
) as Readonly<Record<string, readonly Regression[]>>;

/**
 * Runs the failing seeds of old first, then `runs` new ones from a printed seed. `PROPERTY_SEED` sets that seed,
 * `PROPERTY_RUNS` multiplies `runs` (the long form of the same test). A seed that fails goes into
 * `tests/regressions.json` with its property's name.
 */
export async function checkProperty<Ts>(
  name: string,
  property: fc.IRawProperty<Ts>,
  { runs }: { readonly runs: number },
): Promise<void> {
  for (const { seed, path } of regressions[name] ?? []) {
    await fc.assert(property, { seed, ...(path === undefined ? { numRuns: 1 } : { path }) });
  }
  const seed = Number(process.env["PROPERTY_SEED"] ?? randomInt(2 ** 31));
  const numRuns = Math.ceil(runs * Number(process.env["PROPERTY_RUNS"] ?? 1));
  process.stdout.write(`property "${name}": seed ${seed}, ${numRuns} runs\n`);
  await fc.assert(property, { seed, numRuns });
}
