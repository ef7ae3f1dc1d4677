import type { CoreContext } from "../context.ts";
import type { CallOptions } from "../port.ts";
import { adviseMemory, type MemoryAdvice } from "./advise-memory.ts";
import { checkRedis, type CheckReport, logFindings } from "./check-redis.ts";
import { type DescribeKeysOptions, type KeysOfRole, sampleRole } from "./describe-keys.ts";
import { type Figure, figureOf, mapFigure, shown } from "./figure.ts";
import type { Severity } from "./finding.ts";
import { createKeyReader } from "./key-place.ts";
import { type NodeLatency, readLatency } from "./latency.ts";
import { type MetricSample, toMetricSamples } from "./metric-samples.ts";
import { type NodeFigures, toNodeFigures } from "./node-figures.ts";
import { listRoles, readNodes, type RedisRole } from "./redis-nodes.ts";
import { readSlowCalls, type SlowCall } from "./slow-calls.ts";

export interface MonitorOptions {
  /** Milliseconds for each question. Default 2000. */
  readonly deadlineMs?: number;
}

export interface SlowCallsOfNode {
  readonly roles: readonly RedisRole[];
  readonly node: string;
  readonly calls: Figure<readonly SlowCall[]>;
}

/**
 * What Redis does, for operators: on every master of both roles, over every port. No method fails because of
 * Redis: a figure that the server or the user's rights withhold is `{ ok: false, reason }`, and so is every
 * figure while Redis is away. KEYS is never sent; whole databases are walked with SCAN, within bounds.
 *
 * @example
 * const monitor = core.monitor();
 * const { findings } = await monitor.check();
 * for (const { severity, found, cost, fix } of findings) log[severity](`${found}: ${cost}. ${fix}`);
 * const [{ memory }] = await monitor.figures();
 * if (memory.ok) console.log(memory.value.usedBytes);
 */
export interface Monitor {
  /** Memory, hits, operations, clients, evictions, keys and commands of each master. One round trip. */
  figures(): Promise<readonly NodeFigures[]>;
  /** The latest calls the server found slow, `count` (default 32) a master, without their arguments. */
  slowCalls(count?: number): Promise<readonly SlowCallsOfNode[]>;
  /** A PING from here, the percentiles of each command, and the stalls the server noticed. */
  latency(): Promise<readonly NodeLatency[]>;
  /** Bytes of a key with all it holds; null where there is no such key. One round trip. */
  memoryUsage(key: string, role?: RedisRole): Promise<Figure<number | null>>;
  /**
   * Keys and bytes by area and kind: SCAN over every master, sizes of a sample of each kind. Ends at the
   * bounds, and then estimates the rest. Throws only the signal's reason.
   */
  describeKeys(options?: DescribeKeysOptions): Promise<readonly Figure<KeysOfRole>[]>;
  /** Server, eviction policy per role, memory, persistence, replication and access: to be run at each start. */
  check(): Promise<CheckReport>;
  /** The check, with a line `redis check` in the telemetry's log for each finding from `least` (`info`) up. */
  reportCheck(least?: Severity): Promise<CheckReport>;
  /** The largest keys, those that would stay for ever, and what the check says of memory. */
  adviseMemory(options?: DescribeKeysOptions): Promise<MemoryAdvice>;
  /** The figures for Prometheus, under the names of `redis_exporter`; `formatPrometheus` makes text of them. */
  metrics(): Promise<readonly MetricSample[]>;
}

const defaultBounds = { maxKeys: 50_000, maxMs: 5_000, sampleKeys: 100 };

export function createMonitor(context: CoreContext, { deadlineMs = 2_000 }: MonitorOptions = {}): Monitor {
  const limits: CallOptions = { deadlineMs };

  const figures = async () => (await readNodes(context, limits)).map(toNodeFigures);

  const sample = async ({ otherAreas = {}, signal, ...bounds }: DescribeKeysOptions = {}) => {
    signal?.throwIfAborted();
    const readKey = createKeyReader(context.keys, otherAreas);
    const within = { ...defaultBounds, ...bounds, signal };
    return await Promise.all(
      listRoles(context).map((role) => sampleRole(role, readKey, within, limits)),
    );
  };

  return {
    figures,
    async slowCalls(count = 32) {
      const readKey = createKeyReader(context.keys, {});
      return await Promise.all(
        (await readNodes(context, limits)).map(async ({ roles, node, master }) => ({
          roles,
          node,
          calls: await readSlowCalls(master, readKey, count, limits),
        })),
      );
    },
    async latency() {
      return await Promise.all((await readNodes(context, limits)).map((node) => readLatency(node, limits)));
    },
    async memoryUsage(key, role) {
      const port = (role ?? roleOf(context, key)) === "cache" ? context.cache : context.state;
      const asking = port.command("MEMORY USAGE", [key], ["SAMPLES", 0], limits);
      return await figureOf(
        "MEMORY USAGE",
        asking.then((bytes) => (bytes === null ? null : Number(bytes))),
      );
    },
    async describeKeys(options) {
      const samples = await sample(options);
      return samples.map((figure) => mapFigure(figure, ({ report }) => shown(report)));
    },
    check: () => checkRedis(context, limits),
    async reportCheck(least = "info") {
      const report = await checkRedis(context, limits);
      logFindings(report, context.telemetry, least);
      return report;
    },
    async adviseMemory(options) {
      const [samples, report] = await Promise.all([sample(options), checkRedis(context, limits)]);
      return adviseMemory(samples, report);
    },
    metrics: async () => toMetricSamples(await figures()),
  };
}

function roleOf({ keys }: CoreContext, key: string): RedisRole {
  return key.startsWith(`${keys.root}:cache:`) ? "cache" : "state";
}
