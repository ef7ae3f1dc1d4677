import { type Figure, hidden, mapFigure, shown } from "./figure.ts";
import { numberIn, numbersIn, parsePairs, type RedisInfo } from "./redis-info.ts";
import type { RedisNode, RedisRole } from "./redis-nodes.ts";
import { describeServer, type ServerIdentity } from "./server-identity.ts";

export interface MemoryFigures {
  readonly usedBytes: number;
  readonly peakBytes: number | null;
  /** What the operating system has given the process. */
  readonly rssBytes: number | null;
  /** The limit; null where there is none. */
  readonly maxBytes: number | null;
  /** `maxmemory-policy`, null where INFO does not tell. */
  readonly policy: string | null;
  /** Resident over used memory. */
  readonly fragmentation: number | null;
}

export interface HitFigures {
  readonly hits: number;
  readonly misses: number;
  /** Hits of all reads since the server's start, 0 to 1; null before the first read. */
  readonly hitRate: number | null;
}

export interface CommandFigures {
  /** Lower case, a sub-command after `|`, as INFO names it. */
  readonly command: string;
  readonly calls: number;
  readonly seconds: number;
}

/** What one master tells about itself. */
export interface NodeFigures {
  readonly roles: readonly RedisRole[];
  readonly node: string;
  /** It answers, whatever it hides. */
  readonly isUp: boolean;
  readonly server: Figure<ServerIdentity>;
  readonly memory: Figure<MemoryFigures>;
  readonly hits: Figure<HitFigures>;
  /** Commands a second now, and since the start. */
  readonly operations: Figure<{ readonly perSecond: number; readonly total: number }>;
  readonly clients: Figure<{ readonly connected: number; readonly blocked: number; readonly rejected: number }>;
  readonly evictions: Figure<{ readonly evicted: number; readonly expired: number }>;
  readonly keys: Figure<number>;
  readonly commands: Figure<readonly CommandFigures[]>;
}

export function toNodeFigures({ roles, node, info }: RedisNode): NodeFigures {
  const from = <T>(read: (fields: RedisInfo) => Figure<T>) => mapFigure(info, read);
  return {
    roles,
    node,
    isUp: info.ok || info.why !== "away",
    server: from((fields) => shown(describeServer(fields))),
    memory: from(readMemory),
    hits: from(readHits),
    operations: from((fields) =>
      mapFigure(numbersIn(fields, ["instantaneous_ops_per_sec", "total_commands_processed"]), (found) =>
        shown({ perSecond: found.instantaneous_ops_per_sec, total: found.total_commands_processed }),
      ),
    ),
    clients: from((fields) =>
      mapFigure(numbersIn(fields, ["connected_clients"]), (found) =>
        shown({
          connected: found.connected_clients,
          blocked: numberIn(fields, "blocked_clients") ?? 0,
          rejected: numberIn(fields, "rejected_connections") ?? 0,
        }),
      ),
    ),
    evictions: from((fields) =>
      mapFigure(numbersIn(fields, ["evicted_keys", "expired_keys"]), (found) =>
        shown({ evicted: found.evicted_keys, expired: found.expired_keys }),
      ),
    ),
    keys: from(countKeys),
    commands: from(readCommands),
  };
}

function readMemory(fields: RedisInfo): Figure<MemoryFigures> {
  return mapFigure(numbersIn(fields, ["used_memory"]), (found) =>
    shown({
      usedBytes: found.used_memory,
      peakBytes: numberIn(fields, "used_memory_peak"),
      rssBytes: numberIn(fields, "used_memory_rss"),
      maxBytes: numberIn(fields, "maxmemory") || null,
      policy: fields.get("maxmemory_policy") ?? null,
      fragmentation: numberIn(fields, "mem_fragmentation_ratio"),
    }),
  );
}

function readHits(fields: RedisInfo): Figure<HitFigures> {
  return mapFigure(numbersIn(fields, ["keyspace_hits", "keyspace_misses"]), (found) => {
    const { keyspace_hits: hits, keyspace_misses: misses } = found;
    return shown({ hits, misses, hitRate: hits + misses === 0 ? null : hits / (hits + misses) });
  });
}

/** Of all databases. An empty server lists none. */
function countKeys(fields: RedisInfo): Figure<number> {
  const databases = [...fields].filter(([name]) => /^db\d+$/.test(name));
  return shown(databases.reduce((sum, [, text]) => sum + Number(parsePairs(text).get("keys") ?? 0), 0));
}

function readCommands(fields: RedisInfo): Figure<readonly CommandFigures[]> {
  const commands = [...fields].flatMap(([name, text]): CommandFigures[] => {
    if (!name.startsWith("cmdstat_")) {
      return [];
    }
    const pairs = parsePairs(text);
    const seconds = Number(pairs.get("usec") ?? 0) / 1e6;
    return [{ command: name.slice("cmdstat_".length), calls: Number(pairs.get("calls") ?? 0), seconds }];
  });
  return commands.length === 0 ? hidden("this server's INFO does not tell its commands") : shown(commands);
}
