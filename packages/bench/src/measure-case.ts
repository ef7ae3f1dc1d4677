import type { BenchmarkCase, BenchmarkRun, CaseResult, Contender, LatencyCase, ThroughputCase, TimedContender } from "./contender.ts";

const operationsInFlight = 64;
const rounds = 5;
/** Operations of a lane between two looks at the clock, which costs as much as the fastest of them. */
const operationsPerLook = 16;

/** Runs one round of a contender. */
type Round = (ms: number, firstIndex: number) => Promise<readonly number[]>;

interface Runner {
  readonly name: string;
  readonly round: Round;
  close(): Promise<void> | void;
}

/**
 * Measures a case: every contender in turn, five rounds, and of each the median: of the rounds' rates (64
 * operations in flight), or of all the times measured. Interleaving lets a noisy moment of the machine hit all of
 * them alike.
 */
export async function measureCase(
  benchmark: BenchmarkCase,
  run: BenchmarkRun,
): Promise<readonly CaseResult[]> {
  if ("measure" in benchmark) {
    return await benchmark.measure(run);
  }
  const { redisUrl, seconds } = run;
  const runners = await setUp(benchmark, redisUrl);
  const figures = new Map<string, number[]>(runners.map(({ name }) => [name, []]));
  const roundMs = (seconds * 1000) / rounds / runners.length;
  for (const { round } of runners) {
    await round(roundMs / 4, 0);
  }
  for (let number = 1; number <= rounds; number += 1) {
    for (const { name, round } of runners) {
      figures.get(name)?.push(...(await round(roundMs, number * 10_000_000)));
    }
  }
  for (const runner of runners) {
    await runner.close();
  }
  return toResults(benchmark, figures);
}

async function setUp(benchmark: ThroughputCase | LatencyCase, redisUrl: string): Promise<readonly Runner[]> {
  if (benchmark.unit === "ops/s") {
    return (await benchmark.setUp(redisUrl)).map((contender) => ({
      name: contender.name,
      round: async (ms, firstIndex) => [await rateOf(contender, ms, firstIndex)],
      close: () => contender.close?.(),
    }));
  }
  const { inFlight = 1 } = benchmark;
  return (await benchmark.setUp(redisUrl)).map((contender) => ({
    name: contender.name,
    round: (ms, firstIndex) => timesOf(contender, inFlight, ms, firstIndex),
    close: () => contender.close?.(),
  }));
}

/** Operations per second over `ms`. */
async function rateOf(contender: Contender, ms: number, firstIndex: number): Promise<number> {
  const startedAt = performance.now();
  const operate = (index: number) => contender.operate(index);
  const done = await inLanes(operationsInFlight, ms, firstIndex, operate, operationsPerLook);
  return (done * 1000) / (performance.now() - startedAt);
}

/** The times measured over `ms`, one of each lane at least. */
async function timesOf(
  contender: TimedContender,
  inFlight: number,
  ms: number,
  firstIndex: number,
): Promise<number[]> {
  const times: number[] = [];
  await inLanes(inFlight, ms, firstIndex, async (index) => {
    times.push(await contender.time(index));
  });
  return times;
}

/** Keeps `lanes` operations under way until `ms` are over; gives how many were done. */
async function inLanes(
  lanes: number,
  ms: number,
  firstIndex: number,
  operate: (index: number) => Promise<unknown>,
  perLook = 1,
): Promise<number> {
  const endsAt = performance.now() + ms;
  let done = 0;
  let next = firstIndex;
  const lane = async () => {
    do {
      for (let left = perLook; left > 0; left -= 1) {
        const index = next;
        next += 1;
        await operate(index);
        done += 1;
      }
    } while (performance.now() < endsAt);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return done;
}

function toResults(benchmark: BenchmarkCase, figures: ReadonlyMap<string, readonly number[]>): CaseResult[] {
  const ours = median(figures.get("ours") ?? []);
  const floor = figures.has("floor") ? median(figures.get("floor") ?? []) : null;
  const timesBetter = (other: number) => (benchmark.unit === "ms" ? other / ours : ours / other);
  const peers = [...figures.keys()].filter((name) => name !== "ours" && name !== "floor");
  return (peers.length === 0 ? [null] : peers).map((peerName) => {
    const peer = peerName === null ? null : median(figures.get(peerName) ?? []);
    return {
      case: benchmark.name,
      ours,
      peer,
      peerName,
      floor,
      ratio: peer === null ? null : timesBetter(peer),
      floorRatio: floor === null ? null : timesBetter(floor),
      unit: benchmark.unit,
    };
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
