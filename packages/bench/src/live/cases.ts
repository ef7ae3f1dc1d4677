import type { BenchmarkCase, CaseResult } from "../contender.ts";
import { crowd, type Load, manyRooms } from "./loads.ts";
import { type FanOut, measureFanOut } from "./measure-fan-out.ts";
import { measureMemory, type MemoryFigures } from "./measure-memory.ts";
import { measureResume } from "./measure-resume.ts";
import { toRows } from "./to-rows.ts";

/** What `pnpm bench live` measures: see the README. */
export const liveCases: readonly BenchmarkCase[] = [
  {
    name: "fan-out p99",
    unit: "ms",
    measure: async (run) =>
      await ofLoads(async (load) => {
        const figures = await measureFanOut(load, "process", run);
        return [99, 50].flatMap((percent) =>
          toRows(`fan-out p${percent}, ${load.name}`, "ms", mapped(figures, (runs) => percentile(runs, percent))),
        );
      }),
  },
  {
    name: "fan-out CPU",
    unit: "µs",
    measure: async (run) =>
      await ofLoads(async (load) => {
        const figures = mapped(await measureFanOut(load, "process", run), cpuEach);
        return toRows(`fan-out CPU, ${load.name}`, "µs", figures);
      }),
  },
  {
    name: "fan-out CPU, sent by members",
    unit: "µs",
    measure: async (run) =>
      await ofLoads(async (load) => {
        const figures = mapped(await measureFanOut(load, "members", run), cpuEach);
        return toRows(`fan-out CPU, ${load.name}, sent by members`, "µs", figures);
      }),
  },
  {
    name: "memory per connection",
    unit: "bytes",
    measure: async ({ redisUrl }) => {
      const figures = await measureMemory(redisUrl);
      const mean = (of: (each: MemoryFigures) => number) => (runs: readonly MemoryFigures[]) =>
        runs.reduce((sum, each) => sum + of(each), 0) / runs.length;
      return [
        ...toRows("memory per connection, resident", "bytes", mapped(figures, mean(({ rss }) => rss))),
        ...toRows("memory per connection, heap", "bytes", mapped(figures, mean(({ heap }) => heap))),
      ];
    },
  },
  {
    name: "resume",
    unit: "ms",
    measure: async ({ redisUrl }) => {
      const best = (runs: readonly (number | null)[]) =>
        runs.includes(null) ? null : Math.min(...runs.filter((ms) => ms !== null));
      return toRows("resume, 1 000 missed", "ms", mapped(await measureResume(redisUrl), best));
    },
  },
];

async function ofLoads(rowsOf: (load: Load) => Promise<readonly CaseResult[]>): Promise<CaseResult[]> {
  const rows: CaseResult[] = [];
  for (const load of [manyRooms, crowd]) {
    rows.push(...(await rowsOf(load)));
  }
  return rows;
}

function mapped<From, To>(
  figures: ReadonlyMap<string, readonly From[]>,
  to: (runs: readonly From[]) => To,
): ReadonlyMap<string, To> {
  return new Map([...figures].map(([name, runs]) => [name, to(runs)]));
}

function percentile(runs: readonly FanOut[], percent: number): number {
  const all = Float32Array.from(runs.flatMap(({ delays }) => [...delays])).sort();
  return all[Math.min(all.length - 1, Math.floor((all.length * percent) / 100))] ?? Number.NaN;
}

/** What one delivery costs a server, its idle time included. */
function cpuEach(runs: readonly FanOut[]): number {
  const deliveries = runs.reduce((sum, { delays }) => sum + delays.length, 0);
  return runs.reduce((sum, { cpuUs }) => sum + cpuUs, 0) / deliveries;
}
