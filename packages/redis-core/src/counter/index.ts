export { createCounter } from "./counter.ts";
export type {
  CountedItem,
  Counter,
  CounterOptions,
  DecrementOptions,
  IncrementOptions,
  TrendingItem,
} from "./counter-types.ts";
export type { FlushClaim, FlushOptions, FlushResult, FlushWork } from "./flush-types.ts";
export { readCounters } from "./read-counters.ts";
