import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { runLive } from "./live/run-live.ts";

// `pnpm chaos live [--seed N] [--runs N] [--trace]`
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string" }, runs: { type: "string" }, trace: { type: "boolean" } },
});
const seed = Number(values.seed ?? randomInt(2 ** 31));
const runs = Number(values.runs ?? 20);
const [what = "live"] = positionals;
if (what !== "live" || !Number.isSafeInteger(seed) || !Number.isSafeInteger(runs)) {
  process.stderr.write("pnpm chaos live [--seed N] [--runs N] [--trace]\n");
  process.exit(2);
}
const print = (line: string) => void process.stdout.write(`${line}\n`);
const failed = await runLive({ seed, runs, isTraced: values.trace ?? false, print });
process.exit(failed === 0 ? 0 : 1);
