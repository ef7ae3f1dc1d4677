import type { Labels } from "../telemetry.ts";
import type { NodeFigures } from "./node-figures.ts";

/** One figure in Prometheus' terms: base units, bounded labels. */
export interface MetricSample {
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly labels: Labels;
  readonly value: number;
}

/**
 * Figures under the names of `redis_exporter`, so that its dashboards fit. Hidden figures are left out, and
 * `redis_up` says whether the node answered at all.
 */
export function toMetricSamples(nodes: readonly NodeFigures[]): MetricSample[] {
  return nodes.flatMap(samplesOf);
}

function samplesOf(figures: NodeFigures): MetricSample[] {
  const { roles, node, isUp, server, memory, hits, operations, clients, evictions, keys, commands } = figures;
  const labels = { role: roles.join("+"), node };
  const samples: MetricSample[] = [];
  const add = (
    type: MetricSample["type"],
    name: string,
    help: string,
    value: number | null,
    more: Labels = {},
  ) => {
    if (value !== null) {
      samples.push({ type, name, help, labels: { ...labels, ...more }, value });
    }
  };
  add("gauge", "redis_up", "Whether the node answers.", isUp ? 1 : 0);
  if (server.ok) {
    add("gauge", "redis_uptime_in_seconds", "Time since the server started.", server.value.uptimeSeconds);
  }
  if (memory.ok) {
    const { usedBytes, peakBytes, rssBytes, maxBytes, fragmentation } = memory.value;
    add("gauge", "redis_memory_used_bytes", "Memory in use.", usedBytes);
    add("gauge", "redis_memory_used_peak_bytes", "The most memory that was in use.", peakBytes);
    add("gauge", "redis_memory_used_rss_bytes", "Memory the system has given.", rssBytes);
    add("gauge", "redis_memory_max_bytes", "The limit, 0 where there is none.", maxBytes ?? 0);
    add("gauge", "redis_mem_fragmentation_ratio", "Resident over used memory.", fragmentation);
  }
  if (hits.ok) {
    add("counter", "redis_keyspace_hits_total", "Reads that found their key.", hits.value.hits);
    add("counter", "redis_keyspace_misses_total", "Reads that did not.", hits.value.misses);
  }
  if (operations.ok) {
    add("counter", "redis_commands_processed_total", "Commands the server ran.", operations.value.total);
    add("gauge", "redis_instantaneous_ops_per_sec", "Commands a second, now.", operations.value.perSecond);
  }
  if (clients.ok) {
    add("gauge", "redis_connected_clients", "Connections.", clients.value.connected);
    add("gauge", "redis_blocked_clients", "Connections that wait in a blocking call.", clients.value.blocked);
    add("counter", "redis_rejected_connections_total", "Connections past maxclients.", clients.value.rejected);
  }
  if (evictions.ok) {
    add("counter", "redis_evicted_keys_total", "Keys thrown away for want of memory.", evictions.value.evicted);
    add("counter", "redis_expired_keys_total", "Keys whose TTL ended.", evictions.value.expired);
  }
  if (keys.ok) {
    add("gauge", "redis_db_keys", "Keys, all databases together.", keys.value);
  }
  for (const { command, calls, seconds } of commands.ok ? commands.value : []) {
    add("counter", "redis_commands_total", "Calls by command.", calls, { cmd: command });
    add("counter", "redis_commands_duration_seconds_total", "Time in the server by command.", seconds, {
      cmd: command,
    });
  }
  return samples;
}

/** Prometheus' text format, version 0.0.4, ending with a line break. */
export function formatPrometheus(samples: readonly MetricSample[]): string {
  const byName = Map.groupBy(samples, ({ name }) => name);
  return [...byName]
    .map(([name, group]) => {
      const [first] = group;
      const lines = group.map(({ labels, value }) => `${name}${formatLabels(labels)} ${formatValue(value)}\n`);
      return `# HELP ${name} ${first?.help ?? ""}\n# TYPE ${name} ${first?.type ?? "gauge"}\n${lines.join("")}`;
    })
    .join("");
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function formatValue(value: number): string {
  if (Number.isFinite(value)) {
    return String(value);
  }
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
