export { type CountedItem, type Counter, type CounterOptions, createCounter, type IncrementOptions } from "./counter.ts";
