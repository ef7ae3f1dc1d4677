import type { NodeFinding } from "../finding.ts";
import { unchecked } from "../finding.ts";
import type { NodeFacts } from "../node-facts.ts";

/** What a crash of the server loses. */
export function checkPersistence({ node: { roles }, info, savePoints, appendFsync }: NodeFacts): NodeFinding[] {
  const failed = [
    ["rdb_last_bgsave_status", "the last snapshot"],
    ["aof_last_write_status", "the last write to the append-only file"],
  ].flatMap(([field = "", what = ""]): NodeFinding[] =>
    info.has(field) && info.get(field) !== "ok"
      ? [
          {
            severity: "error",
            code: "persistence-failed",
            found: `${what} failed`,
            cost: "Redis refuses writes (MISCONF), or a restart loses them",
            fix: "free disk space and read the server's log",
          },
        ]
      : [],
  );
  const aof = info.get("aof_enabled");
  if (!roles.includes("state")) {
    return aof === "1" ? [...failed, cacheIsKept] : failed;
  }
  if (aof === undefined) {
    return [...failed, unchecked("persistence", "this server's INFO does not tell aof_enabled")];
  }
  if (aof === "1") {
    return appendFsync.ok && appendFsync.value === "no" ? [...failed, neverSynced] : failed;
  }
  const points = savePoints.ok ? savePoints.value : null;
  return [
    ...failed,
    {
      severity: "warn",
      code: "state-not-durable",
      found: points === "" ? "neither AOF nor snapshots are on" : "AOF is off, only snapshots are taken",
      cost:
        points === ""
          ? "a restart of Redis loses all limits, boards, counters and presence"
          : "a crash of Redis loses everything since the last snapshot, minutes of it",
      fix: "set appendonly yes and appendfsync everysec, or the provider's persistence",
    },
  ];
}

const cacheIsKept: NodeFinding = {
  severity: "info",
  code: "cache-is-durable",
  found: "the cache's Redis writes an append-only file",
  cost: "disk traffic for what can be loaded again",
  fix: "set appendonly no there",
};

const neverSynced: NodeFinding = {
  severity: "warn",
  code: "aof-never-synced",
  found: "appendfsync is no",
  cost: "a loss of power loses what the system had not written, up to half a minute",
  fix: "set appendfsync everysec",
};
