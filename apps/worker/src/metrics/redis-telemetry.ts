import type { JobLog } from "@cardinal/jobs";
import type { Labels, Telemetry } from "@cardinal/redis-core";
import { Counter, Histogram, type Registry } from "prom-client";

/** Turns what redis-core reports into log lines and Prometheus figures; a figure exists from its first report on. */
export function createRedisTelemetry(registry: Registry, log: JobLog): Telemetry {
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  return {
    count(metric, labels = {}, by = 1) {
      const counter = counters.get(metric) ?? new Counter(describe(metric, labels, registry));
      counters.set(metric, counter);
      counter.inc({ ...labels }, by);
    },
    observe(metric, seconds, labels = {}) {
      const histogram = histograms.get(metric) ?? new Histogram(describe(metric, labels, registry));
      histograms.set(metric, histogram);
      histogram.observe({ ...labels }, seconds);
    },
    log: (level, event, fields = {}) => log[level](fields, event),
  };
}

function describe(name: string, labels: Labels, registry: Registry) {
  return { name, help: `Reported by redis-core.`, labelNames: Object.keys(labels), registers: [registry] };
}
