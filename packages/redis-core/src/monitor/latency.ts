import type { CallOptions, RedisReply } from "../port.ts";
import { type Figure, figureOf, hidden, mapFigure, shown } from "./figure.ts";
import { parsePairs, type RedisInfo } from "./redis-info.ts";
import type { RedisNode, RedisRole } from "./redis-nodes.ts";

export interface CommandLatency {
  readonly command: string;
  readonly p50Seconds: number;
  readonly p99Seconds: number;
  readonly p999Seconds: number;
}

export interface LatencyEvent {
  /** The server's name for it, such as `fork` or `aof-write`. */
  readonly event: string;
  readonly atMs: number;
  readonly lastMs: number;
  readonly maxMs: number;
}

export interface NodeLatency {
  readonly roles: readonly RedisRole[];
  readonly node: string;
  /** One PING from here, the network included. */
  readonly ping: Figure<number>;
  /** Time in the server alone, by command. */
  readonly commands: Figure<readonly CommandLatency[]>;
  /** Stalls the server noticed; empty unless it has a `latency-monitor-threshold`. */
  readonly events: Figure<readonly LatencyEvent[]>;
}

export async function readLatency(node: RedisNode, options: CallOptions): Promise<NodeLatency> {
  const startedAt = performance.now();
  const ping = await figureOf(
    "PING",
    node.master.command("PING", [], options).then(() => performance.now() - startedAt),
  );
  const events = await figureOf("LATENCY", node.master.command("LATENCY LATEST", [], options).then(toEvents));
  return {
    roles: node.roles,
    node: node.node,
    ping,
    commands: mapFigure(node.info, readPercentiles),
    events,
  };
}

function readPercentiles(info: RedisInfo): Figure<readonly CommandLatency[]> {
  const prefix = "latency_percentiles_usec_";
  const commands = [...info].flatMap(([name, text]): CommandLatency[] => {
    if (!name.startsWith(prefix)) {
      return [];
    }
    const pairs = parsePairs(text);
    const seconds = (percentile: string) => Number(pairs.get(percentile) ?? 0) / 1e6;
    return [
      {
        command: name.slice(prefix.length),
        p50Seconds: seconds("p50"),
        p99Seconds: seconds("p99"),
        p999Seconds: seconds("p99.9"),
      },
    ];
  });
  return commands.length === 0 ? hidden("this server's INFO has no latency percentiles") : shown(commands);
}

function toEvents(reply: RedisReply): LatencyEvent[] {
  return (Array.isArray(reply) ? reply : []).flatMap((entry): LatencyEvent[] => {
    const [event, seconds, lastMs, maxMs] = Array.isArray(entry) ? entry : [];
    return typeof event === "string"
      ? [{ event, atMs: Number(seconds) * 1_000, lastMs: Number(lastMs), maxMs: Number(maxMs) }]
      : [];
  });
}
