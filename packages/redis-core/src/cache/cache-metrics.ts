import type { CoreContext } from "../context.ts";

export type RequestOutcome = "l1_hit" | "hit" | "stale" | "miss" | "wait" | "bypass";
export type FillOutcome = "stored" | "fenced" | "skipped" | "too_large" | "unavailable";

/** A namespace's figures. */
export interface CacheMetrics {
  request(outcome: RequestOutcome): void;
  fill(outcome: FillOutcome): void;
  /** Bytes in Redis that are no value of this namespace: foreign, corrupt, or refused by the schema. */
  undecodable(): void;
  loaded(seconds: number): void;
  loadFailed(error: unknown, inBackground: boolean): void;
  unavailable(error: unknown): void;
}

export function cacheMetrics({ telemetry }: CoreContext, ns: string): CacheMetrics {
  return {
    request: (outcome) => telemetry.count("cache_requests_total", { ns, outcome }),
    fill: (outcome) => telemetry.count("cache_fills_total", { ns, outcome }),
    undecodable: () => telemetry.count("cache_undecodable_total", { ns }),
    loaded: (seconds) => telemetry.observe("cache_load_duration_seconds", seconds, { ns }),
    loadFailed: (error, inBackground) => {
      telemetry.count("cache_load_failures_total", { ns });
      if (inBackground) {
        telemetry.log("warn", "cache_refresh_failed", { ns, error: String(error) });
      }
    },
    unavailable: (error) => {
      telemetry.count("cache_unavailable_total", { ns });
      telemetry.log("warn", "cache_unavailable", { ns, error: String(error) });
    },
  };
}
