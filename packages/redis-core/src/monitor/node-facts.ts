import { RedisReplyError } from "../errors.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { CallOptions, RedisReply } from "../port.ts";
import { type Figure, figureOf, hidden, mapFigure, shown } from "./figure.ts";
import { parseInfo, type RedisInfo } from "./redis-info.ts";
import type { RedisNode } from "./redis-nodes.ts";
import { commandsOfScripts } from "./script-commands.ts";

/** All that the checks look at, asked for once. */
export interface NodeFacts {
  readonly node: RedisNode;
  readonly isCluster: boolean;
  readonly info: RedisInfo;
  readonly policy: Figure<string>;
  /** The `save` points of RDB; empty where none. */
  readonly savePoints: Figure<string>;
  readonly appendFsync: Figure<string>;
  readonly minReplicas: Figure<number>;
  readonly user: Figure<string>;
  /** Whether the user `default` needs no password. */
  readonly needsNoPassword: Figure<boolean>;
  /** Whether this user may run KEYS and FLUSHALL. */
  readonly mayDoHarm: Figure<boolean>;
  /** Commands of the scripts that the server does not know. */
  readonly missingCommands: Figure<readonly string[]>;
  readonly runsScripts: Figure<true>;
  /** Whether a script may name keys of several slots. */
  readonly spansSlots: Figure<boolean>;
  /** CLUSTER INFO; hidden where it is no Cluster. */
  readonly cluster: Figure<RedisInfo>;
  /** Milliseconds the server's clock is ahead of this process'. */
  readonly clockAheadMs: Figure<number>;
}

export interface FactsToRead {
  readonly node: RedisNode;
  readonly info: RedisInfo;
  readonly isCluster: boolean;
  readonly keys: Keyspace;
}

export async function readFacts(
  { node, info, isCluster, keys }: FactsToRead,
  options: CallOptions,
): Promise<NodeFacts> {
  const ask = (name: string, ...args: string[]) => node.master.command(name, args, options);
  const config = (name: string) => figureOf("CONFIG GET", ask("CONFIG GET", name).then(secondOf));
  const user = await figureOf("ACL WHOAMI", ask("ACL WHOAMI").then(String));
  const dryRun = async (...command: string[]) => (await ask("ACL DRYRUN", textOf(user), ...command)) === "OK";
  const [policy, savePoints, appendFsync, minReplicas, needsNoPassword, mayDoHarm] = await Promise.all([
    config("maxmemory-policy"),
    config("save"),
    config("appendfsync"),
    config("min-replicas-to-write"),
    figureOf("ACL GETUSER", ask("ACL GETUSER", "default").then(hasNoPassword)),
    figureOf(
      "ACL DRYRUN",
      Promise.all([dryRun("KEYS", "*"), dryRun("FLUSHALL")]).then((may) => may.some(Boolean)),
    ),
  ]);
  const [missingCommands, runsScripts, spansSlots, cluster, clockAheadMs] = await Promise.all([
    figureOf("COMMAND INFO", ask("COMMAND INFO", ...commandsOfScripts.keys()).then(findMissing)),
    figureOf("EVAL", ask("EVAL", "return 1", "0").then((): true => true)),
    figureOf(
      "EVAL",
      ask("EVAL", "return 1", "2", `${keys.root}:{a}`, `${keys.root}:{b}`).then(() => true, isRefused),
    ),
    isCluster
      ? figureOf("CLUSTER INFO", ask("CLUSTER INFO").then((reply) => parseInfo(String(reply))))
      : hidden("this is no Cluster"),
    figureOf("TIME", ask("TIME").then(clockAhead)),
  ]);
  const told = info.get("maxmemory_policy");
  return {
    node,
    isCluster,
    info,
    policy: told === undefined ? mapFigure(policy, orAbsent("maxmemory-policy")) : shown(told),
    savePoints: mapFigure(savePoints, (value) => shown(value ?? "")),
    appendFsync: mapFigure(appendFsync, orAbsent("appendfsync")),
    minReplicas: mapFigure(minReplicas, (value) => shown(Number(value ?? 0))),
    user,
    needsNoPassword,
    mayDoHarm,
    missingCommands,
    runsScripts,
    spansSlots,
    cluster,
    clockAheadMs,
  };
}

function isRefused(error: unknown): false {
  if (error instanceof RedisReplyError && error.reply === "CROSSSLOT") {
    return false;
  }
  throw error;
}

/** CONFIG GET answers a pair, or nothing where the server has no such setting. */
function secondOf(reply: RedisReply): string | null {
  const value = Array.isArray(reply) ? reply[1] : null;
  return typeof value === "string" ? value : null;
}

function orAbsent(setting: string): (value: string | null) => Figure<string> {
  return (value) => (value === null ? hidden(`the server has no setting ${setting}`) : shown(value));
}

function textOf(user: Figure<string>): string {
  return user.ok ? user.value : "default";
}

function hasNoPassword(reply: RedisReply): boolean {
  const fields = Array.isArray(reply) ? reply : [];
  const flags = fields[fields.indexOf("flags") + 1];
  return Array.isArray(flags) && flags.includes("nopass");
}

function findMissing(reply: RedisReply): string[] {
  const known = Array.isArray(reply) ? reply : [];
  return [...commandsOfScripts.keys()].filter((_, index) => {
    const entry = known[index];
    return entry === null || (Array.isArray(entry) && entry.length === 0);
  });
}

function clockAhead(reply: RedisReply): number {
  const [seconds, micros] = Array.isArray(reply) ? reply : [];
  return Number(seconds) * 1_000 + Number(micros) / 1_000 - Date.now();
}
