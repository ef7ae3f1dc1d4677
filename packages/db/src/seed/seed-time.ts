import { createRandom } from "./random.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Units of time, in milliseconds. */
export const MS = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS } as const;

/**
 * The instant the seed pretends to be made at: Monday 2026-11-16, 00:00 UTC. Everything seeded happened
 * before it. It never moves, because the seed is the same bytes every time.
 */
export const SEED_NOW_MS = Date.UTC(2026, 10, 16);

/** The next fixed UUID v7 for something made at an instant. Same calls, same ids. */
export type NextId = (atMs: number) => string;

/**
 * A fresh sequence of fixed ids; `stream` keeps sequences apart, so that one may grow without moving another.
 */
export function createNextId(stream: number): NextId {
  const random = createRandom(Math.imul(0x9e3779b1, stream));
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => random.integer(0, 15).toString(16)).join("");
  return (atMs) => {
    const time = atMs.toString(16).padStart(12, "0");
    const variant = "89ab"[random.integer(0, 3)] ?? "8";
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-${variant}${hex(3)}-${hex(12)}`;
  };
}
