import type { BenchmarkCase, CaseResult, Contender } from "./contender.ts";

const inFlight = 64;
const rounds = 5;

/**
 * Measures a case: every contender in turn, five rounds, 64 operations in flight, and of each the median
 * round. Interleaving lets a noisy moment of the machine hit all of them alike.
 */
export async function measureCase(
  benchmark: BenchmarkCase,
  redisUrl: string,
  seconds: number,
): Promise<CaseResult[]> {
  const contenders = await benchmark.setUp(redisUrl);
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  const roundMs = (seconds * 1000) / rounds / contenders.length;
  for (const contender of contenders) {
    await runFor(contender, roundMs / 4, 0);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) {
      rates.get(contender.name)?.push(await runFor(contender, roundMs, (round + 1) * 10_000_000));
    }
  }
  for (const contender of contenders) {
    await contender.close?.();
  }
  return toResults(benchmark, rates);
}

/** Operations per second over `ms`. */
async function runFor(contender: Contender, ms: number, firstIndex: number): Promise<number> {
  const startedAt = performance.now();
  const endsAt = startedAt + ms;
  let done = 0;
  let next = firstIndex;
  const lane = async () => {
    while (performance.now() < endsAt) {
      const index = next;
      next += 1;
      await contender.operate(index);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return (done * 1000) / (performance.now() - startedAt);
}

function toResults(benchmark: BenchmarkCase, rates: Map<string, number[]>): CaseResult[] {
  const ours = median(rates.get("ours") ?? []);
  const floor = rates.has("floor") ? median(rates.get("floor") ?? []) : null;
  const peers = [...rates.keys()].filter((name) => name !== "ours" && name !== "floor");
  return (peers.length === 0 ? [null] : peers).map((peerName) => {
    const peer = peerName === null ? null : median(rates.get(peerName) ?? []);
    return {
      case: benchmark.name,
      ours,
      peer,
      peerName,
      floor,
      ratio: peer === null ? null : ours / peer,
      floorRatio: floor === null ? null : ours / floor,
      unit: benchmark.unit,
    };
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
