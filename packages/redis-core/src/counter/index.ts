export { type Counter, type CounterOptions, createCounter, type IncrementOptions } from "./counter.ts";
