/** One thing under measurement: ours, a peer, or the raw command both stand on. */
export interface Contender {
  /** `ours`, `floor`, or the peer's package name. */
  readonly name: string;
  /** One operation. `index` counts up, for keys that must differ. */
  operate(index: number): Promise<unknown>;
  close?(): Promise<void> | void;
}

/** Contenders that do the same work, measured in the same run on the same Redis. */
export interface BenchmarkCase {
  readonly name: string;
  readonly unit: "ops/s";
  setUp(redisUrl: string): Promise<readonly Contender[]>;
}

export interface CaseResult {
  readonly case: string;
  readonly ours: number;
  readonly peer: number | null;
  readonly peerName: string | null;
  readonly floor: number | null;
  /** ours / peer; above 1 is better. */
  readonly ratio: number | null;
  readonly floorRatio: number | null;
  readonly unit: string;
}
