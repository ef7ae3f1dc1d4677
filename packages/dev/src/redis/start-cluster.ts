import { setTimeout as delay } from "node:timers/promises";
import { isPortFree, freePort } from "../ports/free-port.ts";
import { askRedis } from "./ask-redis.ts";
import { PortTaken, type RunningServer, startServer } from "./redis-server.ts";

const slotCount = 16_384;
/** Redis' bus port is its port plus this. */
const busOffset = 10_000;

export interface StartClusterOptions {
  /** Three by default. */
  masters?: number;
  /** Of each master; none by default. */
  replicas?: number;
  /** After how long a silent node counts as failing (`cluster-node-timeout`); 2 s by default. */
  nodeTimeoutMs?: number;
  /** Further lines of redis.conf for every node. */
  config?: readonly string[];
}

export interface ClusterNode {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  readonly role: "master" | "replica";
}

export interface RunningCluster {
  /** Masters first, then the replicas of the first master, of the second, and so on. */
  readonly nodes: readonly ClusterNode[];
  readonly urls: readonly string[];
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a Redis Cluster on free ports of 127.0.0.1. Resolves when every node says `cluster_state:ok`, knows
 * every other one, and all replicas are in sync (about 2 s). Ends with this process like `startRedis`.
 */
export async function startCluster(options: StartClusterOptions = {}): Promise<RunningCluster> {
  const { masters = 3, replicas = 0, nodeTimeoutMs = 2000 } = options;
  const config = [
    'save ""',
    "cluster-enabled yes",
    "cluster-config-file nodes.conf",
    `cluster-node-timeout ${nodeTimeoutMs}`,
    "cluster-announce-ip 127.0.0.1",
    "repl-diskless-sync-delay 0",
    ...(options.config ?? []),
  ];
  const servers: RunningServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop(1000)));
  };
  try {
    const starting = Array.from({ length: masters * (1 + replicas) }, () => startNode(config));
    const results = await Promise.allSettled(starting);
    for (const result of results) if (result.status === "fulfilled") servers.push(result.value);
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    await join(
      servers.map((server) => server.port),
      masters,
      replicas,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  const nodes = servers.map((server, index): ClusterNode => ({
    host: "127.0.0.1",
    port: server.port,
    pid: server.pid,
    role: index < masters ? "master" : "replica",
  }));
  return {
    nodes,
    urls: nodes.map(({ port }) => `redis://127.0.0.1:${port}`),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function startNode(config: readonly string[]): Promise<RunningServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    if (port + busOffset > 65_535 || !(await isPortFree(port + busOffset))) continue;
    try {
      return await startServer({ port, config });
    } catch (error) {
      if (!(error instanceof PortTaken) || attempt >= 20) throw error;
    }
  }
}

async function join(ports: readonly number[], masters: number, replicas: number): Promise<void> {
  const ids = await Promise.all(ports.map(async (port) => String(await ask(port, "CLUSTER", "MYID"))));
  await Promise.all(
    ports.map(async (port, index) => {
      await ask(port, "CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
      if (index >= masters) return;
      const first = Math.floor((slotCount * index) / masters);
      const next = Math.floor((slotCount * (index + 1)) / masters);
      const slots = Array.from({ length: next - first }, (_, offset) => String(first + offset));
      await ask(port, "CLUSTER", "ADDSLOTS", ...slots);
    }),
  );
  for (const port of ports) {
    for (const other of ports)
      if (other > port) await ask(port, "CLUSTER", "MEET", "127.0.0.1", String(other));
  }
  await until("the nodes know each other", ports, (info) =>
    info.includes(`cluster_known_nodes:${ports.length}\r`),
  );
  await Promise.all(
    ports.slice(masters).map((port, index) => {
      const master = ids[Math.floor(index / replicas)] ?? "";
      return retried(() => ask(port, "CLUSTER", "REPLICATE", master));
    }),
  );
  await until("cluster_state:ok", ports, (info) => info.includes("cluster_state:ok"));
  await until(
    "the replicas are in sync",
    ports.slice(masters),
    (info) => info.includes("master_link_status:up"),
    ["INFO", "replication"],
  );
  // A node shows a replica to clients only once it has seen an offset above zero, and these have nothing to copy.
  await Promise.all(ports.slice(0, masters).map((port) => ask(port, "FLUSHALL")));
  for (const port of ports) await retried(() => requireReplicas(port, masters * replicas));
}

async function requireReplicas(port: number, count: number): Promise<void> {
  const slots = await ask(port, "CLUSTER", "SLOTS");
  const ranges: unknown[] = Array.isArray(slots) ? slots : [];
  // Each range: first slot, last slot, master, replicas.
  const shown = ranges.reduce<number>((sum, range) => sum + (Array.isArray(range) ? range.length - 3 : 0), 0);
  if (shown !== count) throw new Error(`Node ${port} shows ${shown} of ${count} replicas.`);
}

function ask(port: number, ...command: string[]): Promise<unknown> {
  return askRedis({ host: "127.0.0.1", port }, command);
}

/** Again every 25 ms for 10 s: what a node knows comes by gossip. */
async function retried(action: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await action();
      return;
    } catch (error) {
      if (attempt === 400) throw error;
      await delay(25);
    }
  }
}

async function until(
  what: string,
  ports: readonly number[],
  condition: (info: string) => boolean,
  command: string[] = ["CLUSTER", "INFO"],
): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (const port of ports) {
    while (!condition(String(await ask(port, ...command)))) {
      if (performance.now() > deadline) throw new Error(`The cluster never came to: ${what} (node ${port}).`);
      await delay(25);
    }
  }
}
