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

/** Measures itself, once, on servers of its own: how many bytes of the server's memory something takes. Less is better. */
export interface MemoryCase extends Case {
  readonly unit: "bytes";
  measure(): Promise<CaseResult[]>;
}

export type BenchmarkCase = ThroughputCase | LatencyCase | MemoryCase;

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
