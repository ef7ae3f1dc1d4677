import { setTimeout as delay } from "node:timers/promises";
import { askRedis } from "./ask-redis.ts";
import { type RunningServer, onFreePorts, startServer } from "./redis-server.ts";

export interface StartSentinelOptions {
  /** The name under which the sentinels know the master; `cardinal` by default. */
  name?: string;
  /** One by default. */
  replicas?: number;
  /** Three by default; the quorum is their majority. */
  sentinels?: number;
  /** After how long a silent master counts as down; 500 ms by default. */
  downAfterMs?: number;
  /** Further lines of redis.conf for master and replicas, e.g. `"min-replicas-to-write 1"`. */
  config?: readonly string[];
}

interface Address {
  readonly host: string;
  readonly port: number;
}

export interface RunningSentinel {
  readonly name: string;
  readonly sentinels: readonly Address[];
  /** Every Redis, the first master first. */
  readonly nodes: readonly (Address & { readonly pid: number })[];
  /** The master as the sentinels see it now. */
  master(): Promise<Address & { readonly pid: number }>;
  /**
   * Kills the master with -9 and resolves with the new one once all sentinels name it and it takes writes.
   */
  failover(): Promise<Address & { readonly pid: number }>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a master, its replicas and the sentinels that watch them, on free ports of 127.0.0.1. Resolves when
 * the replicas are in sync and every sentinel knows every replica and sentinel, so that a failover can be
 * asked for at once (about 2 s). Ends with this process like `startRedis`.
 */
export async function startSentinel(options: StartSentinelOptions = {}): Promise<RunningSentinel> {
  const { name = "cardinal", replicas = 1, sentinels = 3, downAfterMs = 500 } = options;
  const config = ['save ""', "repl-diskless-sync-delay 0", ...(options.config ?? [])];
  const running: RunningServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop(1000)));
  };
  const start = async (lines: readonly string[], sentinel = false): Promise<RunningServer> => {
    const server = await onFreePorts(1, ([port = 0]) => startServer({ port, config: lines, sentinel }));
    running.push(server);
    return server;
  };
  try {
    const master = await start(config);
    const replica = [...config, `replicaof 127.0.0.1 ${master.port}`];
    const nodes = [master, ...(await all(replicas, () => start(replica)))];
    await until("the replicas are in sync", async () => {
      const info = String(await ask(master.port, "INFO", "replication"));
      return (info.match(/state=online/g) ?? []).length === replicas;
    });
    const watch = [
      `sentinel monitor ${name} 127.0.0.1 ${master.port} ${Math.floor(sentinels / 2) + 1}`,
      `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
      `sentinel failover-timeout ${name} 3000`,
      `sentinel parallel-syncs ${name} ${Math.max(1, replicas)}`,
    ];
    const watchers = await all(sentinels, () => start(watch, true));
    await until("the sentinels know each other", async () => {
      const states = await Promise.all(watchers.map(({ port }) => ask(port, "SENTINEL", "MASTER", name)));
      return states.every((state) => {
        const fields = toRecord(state);
        return (
          fields["num-slaves"] === String(replicas) && fields["num-other-sentinels"] === String(sentinels - 1)
        );
      });
    });
    return describe(name, nodes, watchers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

function describe(
  name: string,
  nodes: readonly RunningServer[],
  watchers: readonly RunningServer[],
  stop: () => Promise<void>,
): RunningSentinel {
  const addresses = nodes.map(({ port, pid }) => ({ host: "127.0.0.1", port, pid }));
  const masterSeenBy = async (watcher: RunningServer): Promise<number> => {
    const reply = await ask(watcher.port, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", name);
    return Array.isArray(reply) ? Number(reply[1]) : 0;
  };
  const nodeAt = (port: number) => {
    const node = addresses.find((address) => address.port === port);
    if (node === undefined)
      throw new Error(`The sentinels name a master on port ${port}, which is not ours.`);
    return node;
  };
  const master = async () => {
    const [watcher] = watchers;
    if (watcher === undefined) throw new Error("There is no sentinel to ask.");
    return nodeAt(await masterSeenBy(watcher));
  };
  return {
    name,
    nodes: addresses,
    sentinels: watchers.map(({ port }) => ({ host: "127.0.0.1", port })),
    master,
    async failover() {
      const before = await master();
      process.kill(before.pid, "SIGKILL");
      let port = 0;
      await until("a new master", async () => {
        const seen = await Promise.all(watchers.map(masterSeenBy));
        port = seen[0] ?? 0;
        if (port === before.port || seen.some((other) => other !== port)) return false;
        const role = await ask(port, "ROLE");
        return Array.isArray(role) && role[0] === "master";
      });
      return nodeAt(port);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function all<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, make));
}

function ask(port: number, ...command: string[]): Promise<unknown> {
  return askRedis({ host: "127.0.0.1", port }, command);
}

/** A reply of names and values, as RESP3 (an object) or RESP2 (a flat list) gives it. */
function toRecord(reply: unknown): Record<string, unknown> {
  if (!Array.isArray(reply)) return typeof reply === "object" && reply !== null ? { ...reply } : {};
  const record: Record<string, unknown> = {};
  for (let index = 0; index + 1 < reply.length; index += 2) record[String(reply[index])] = reply[index + 1];
  return record;
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`The sentinels never came to: ${what}.`);
    await delay(25);
  }
}
