/** One thing under measurement: ours, a peer, or the raw command both stand on. */
interface Named {
  /** `ours`, `floor`, or the peer's package name. */
  readonly name: string;
  close?(): Promise<void> | void;
}

/** Measured by how many operations it does in a second. */
export interface Contender extends Named {
  /** One operation. `index` counts up, for keys that must differ. */
  operate(index: number): Promise<unknown>;
}

/** Measured by how long something takes that only it can tell from what it does around it. */
export interface TimedContender extends Named {
  /** One operation; resolves with the milliseconds that count. `index` counts up, for keys that must differ. */
  time(index: number): Promise<number>;
}

interface Case {
  readonly name: string;
  /** A word of its name: measured only when `--case` has it, because it takes long. Default: always. */
  readonly askedForBy?: string;
}

/** Contenders that do the same work, measured in the same run on the same Redis. More is better. */
export interface ThroughputCase extends Case {
  readonly unit: "ops/s";
  setUp(redisUrl: string): Promise<readonly Contender[]>;
}

/** As above, by the median time of an operation. Less is better. */
export interface LatencyCase extends Case {
  readonly unit: "ms";
  /** Operations under way at once. Default 1. */
  readonly inFlight?: number;
  setUp(redisUrl: string): Promise<readonly TimedContender[]>;
}

/** What a run is measured with. */
export interface BenchmarkRun {
  readonly redisUrl: string;
  readonly seconds: number;
  /** A folder for the processor profiles of measured servers; empty: none are taken. */
  readonly profile: string;
}

/** Measures itself, on processes of its own: what something takes or how long. Less is better. */
export interface OwnCase extends Case {
  readonly unit: "bytes" | "ms" | "µs";
  measure(run: BenchmarkRun): Promise<readonly CaseResult[]>;
}

export type BenchmarkCase = ThroughputCase | LatencyCase | OwnCase;

export interface CaseResult {
  readonly case: string;
  readonly ours: number;
  readonly peer: number | null;
  readonly peerName: string | null;
  readonly floor: number | null;
  /** How many times better ours is than the peer: ours / peer, of times peer / ours. Above 1 is better. */
  readonly ratio: number | null;
  readonly floorRatio: number | null;
  readonly unit: string;
}
