import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { runCase } from "./live/run-case.ts";
import { runLive } from "./live/run-live.ts";

const USAGE = `pnpm chaos live [--seed N] [--runs N] [--trace]   stories from seeds
pnpm chaos live --case NAME [--scale X]           one hard thing at its full size, or a part of it`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string" },
    runs: { type: "string" },
    trace: { type: "boolean" },
    case: { type: "string" },
    scale: { type: "string" },
  },
});
const seed = Number(values.seed ?? randomInt(2 ** 31));
const runs = Number(values.runs ?? 20);
const scale = Number(values.scale ?? 1);
const [what = "live"] = positionals;
const print = (line: string) => void process.stdout.write(`${line}\n`);
if (what !== "live" || !Number.isSafeInteger(seed) || !Number.isSafeInteger(runs) || !(scale > 0)) {
  print(USAGE);
  process.exit(2);
}
const failed =
  values.case === undefined
    ? await runLive({ seed, runs, isTraced: values.trace ?? false, print })
    : await runCase(values.case, scale, print);
process.exit(failed === 0 ? 0 : 1);
