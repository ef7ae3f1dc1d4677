import { parseArgs } from "node:util";
import { startRedis } from "@cardinal/dev";
import type { BenchmarkCase, CaseResult } from "./contender.ts";
import { measureCase } from "./measure-case.ts";
import { liveCases } from "./live/cases.ts";
import { redisCoreCases } from "./redis-core/cases.ts";

const suites = { "redis-core": redisCoreCases, live: liveCases } as const;

/** Runs the chosen suite on a Redis of its own and prints ratios, or one JSON array with `--json`. */
export async function runBenchmarks(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      case: { type: "string", default: "" },
      seconds: { type: "string", default: "10" },
      json: { type: "boolean", default: false },
      profile: { type: "string", default: "" },
    },
  });
  const [suite = "redis-core"] = positionals;
  if (!isSuite(suite)) {
    console.error(`There is no suite "${suite}"; there are: ${Object.keys(suites).join(", ")}`);
    process.exitCode = 1;
    return;
  }
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) {
    console.error(`--seconds takes a positive number, got "${values.seconds}"`);
    process.exitCode = 1;
    return;
  }
  // Ends by its own doing, so that what was opened for the run goes with it.
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  await using redis = await startRedis();
  const results: CaseResult[] = [];
  for (const benchmark of suites[suite].filter((each) => isAskedFor(each, values.case))) {
    const rows = await measureCase(benchmark, { redisUrl: redis.url, seconds, profile: values.profile });
    results.push(...rows);
    if (!values.json) {
      rows.forEach(print);
    }
  }
  if (values.json) {
    process.stdout.write(`${JSON.stringify(results)}\n`);
  }
}

function isAskedFor({ name, askedForBy = "" }: BenchmarkCase, text: string): boolean {
  return name.includes(text) && text.includes(askedForBy);
}

function isSuite(name: string): name is keyof typeof suites {
  return Object.hasOwn(suites, name);
}

function print(row: CaseResult): void {
  const digits = row.unit === "ms" || row.unit === "µs" ? 2 : 0;
  const figure = (value: number) => value.toLocaleString("en", { maximumFractionDigits: digits }).padStart(9);
  const beside = (name: string, value: number | null, ratio: number | null) =>
    value === null || ratio === null ? "" : `   ${name} ${figure(value)}   ${ratio.toFixed(2)}× as good`;
  const cannot = row.peerName !== null && row.peer === null ? `   ${row.peerName} cannot` : "";
  const peer = beside(row.peerName ?? "", row.peer, row.ratio);
  const floor = beside("floor", row.floor, row.floorRatio);
  console.log(`${row.case.padEnd(16)} ours ${figure(row.ours)} ${row.unit}${peer}${cannot}${floor}`);
}
