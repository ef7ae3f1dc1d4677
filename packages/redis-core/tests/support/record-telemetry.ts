import type { Labels, Telemetry } from "@cardinal/redis-core";

export interface RecordedTelemetry extends Telemetry {
  /** Sum of a counter over all labels, or over those that include the given ones. */
  total(metric: string, labels?: Labels): number;
}

/** Telemetry that remembers its counters. */
export function recordTelemetry(): RecordedTelemetry {
  const counts: { readonly metric: string; readonly labels: Labels; readonly by: number }[] = [];
  return {
    count(metric, labels = {}, by = 1) {
      counts.push({ metric, labels, by });
    },
    observe() {},
    log() {},
    total: (metric, labels = {}) =>
      counts
        .filter((count) => count.metric === metric)
        .filter((count) => Object.entries(labels).every(([name, value]) => count.labels[name] === value))
        .reduce((sum, count) => sum + count.by, 0),
  };
}
