const BASE_MS = 400;
const CAP_MS = 20_000;
const FIRST_MS = 800;

/**
 * Full jitter: a delay drawn evenly from nothing up to a limit that doubles with every failed attempt
 * (`attempt` counts from 0), at most 20 s. The first reconnect is spread over 800 ms, so that a thousand
 * clients cut off by one restart do not return in one instant.
 *
 * Source: AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).
 */
export function retryDelayMs(attempt: number, random: () => number = Math.random): number {
  const limitMs = attempt <= 0 ? FIRST_MS : Math.min(CAP_MS, BASE_MS * 2 ** attempt);
  return Math.round(random() * limitMs);
}
