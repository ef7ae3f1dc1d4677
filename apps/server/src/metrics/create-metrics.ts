import type { ApiTelemetry, Log } from "@cardinal/api";
import type { DatabaseEvent } from "@cardinal/db";
import type { Labels, Telemetry } from "@cardinal/redis-core";
import { collectDefaultMetrics, Counter, Histogram, Registry } from "prom-client";

export interface Metrics {
  readonly registry: Registry;
  readonly api: ApiTelemetry;
  /** Everything redis-core reports: figures here, lines to the log. */
  redis(log: Log): Telemetry;
  databaseEvent(event: DatabaseEvent): void;
}

const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** The process' figures, in a registry of their own. Labels are bounded: never a user, room or key. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  // Ten looks a second at the event loop's lag; the default, a hundred, was five sixths of what an idle server does.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  const counters = new Map<string, NamedCounter>();
  const histograms = new Map<string, NamedHistogram>();

  const count = (name: string, labels: Labels = {}, by = 1): void => {
    let found = counters.get(name);
    if (found === undefined) {
      const labelNames = Object.keys(labels);
      found = {
        labelNames,
        counter: new Counter({ name, help: helpFor(name), labelNames, registers: [registry] }),
      };
      counters.set(name, found);
    }
    found.counter.inc(only(found.labelNames, labels), by);
  };

  const observe = (name: string, seconds: number, labels: Labels = {}): void => {
    let found = histograms.get(name);
    if (found === undefined) {
      const labelNames = Object.keys(labels);
      const options = {
        name,
        help: helpFor(name),
        labelNames,
        buckets: requestBuckets,
        registers: [registry],
      };
      found = { labelNames, histogram: new Histogram(options) };
      histograms.set(name, found);
    }
    found.histogram.observe(only(found.labelNames, labels), seconds);
  };

  return {
    registry,
    api: {
      procedureFinished({ path, type, code, seconds }) {
        observe("trpc_request_duration_seconds", seconds, { procedure: path, type, code });
      },
      limitDecided({ policy, decision }) {
        count("ratelimit_decisions_total", { policy, decision });
      },
      roomEvents(what, events) {
        count("live_room_events_total", { what }, events);
      },
    },
    redis: (log) => ({
      count(metric, labels, by) {
        count(metric, labels, by);
        if (metric === "redis_connection_events_total" && labels?.["event"] === "reconnecting") {
          count("redis_client_reconnects_total", { role: labels["role"] ?? "state" });
        }
      },
      observe,
      log(level, event, fields) {
        log[level]({ ...fields }, event);
      },
    }),
    databaseEvent(event) {
      if (event.type === "commit") {
        observe("db_commit_duration_seconds", event.durationMs / 1_000);
        count("db_writes_total", {}, event.writes);
      } else if (event.type === "busy") {
        count("db_busy_total");
      } else {
        count("db_slow_callbacks_total", { kind: event.kind });
      }
    },
  };
}

interface NamedCounter {
  readonly labelNames: readonly string[];
  readonly counter: Counter;
}

interface NamedHistogram {
  readonly labelNames: readonly string[];
  readonly histogram: Histogram;
}

/** A metric's labels are those of its first use; prom-client throws for others. */
function only(names: readonly string[], labels: Labels): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, labels[name] ?? ""]));
}

function helpFor(name: string): string {
  const unit = name.endsWith("_seconds") ? ", in seconds" : "";
  return name.replace(/_(total|seconds)$/, "").replaceAll("_", " ") + unit;
}
