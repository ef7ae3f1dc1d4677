import { type NodeFinding, unchecked } from "../finding.ts";
import type { NodeFacts } from "../node-facts.ts";
import { numberIn, parsePairs, type RedisInfo } from "../redis-info.ts";

const longLagSeconds = 10;

/** Whether writes are taken here, and what a failover would lose. */
export function checkReplication(facts: NodeFacts): NodeFinding[] {
  const { node, info, minReplicas } = facts;
  const findings: NodeFinding[] = [];
  if (info.get("role") === "slave") {
    findings.push({
      severity: "error",
      code: "is-replica",
      found: "this is a replica",
      cost: "every write is refused (READONLY)",
      fix: "connect to the master: through Sentinel, the Cluster, or the provider's primary endpoint",
    });
  }
  const lags = listLags(info).filter((seconds) => seconds > longLagSeconds);
  if (lags.length > 0) {
    findings.push({
      severity: "warn",
      code: "replica-lags",
      found: `a replica is ${Math.max(...lags)} s behind`,
      cost: "a failover to it loses that much",
      fix: "look at its network and load",
    });
  }
  const replicas = numberIn(info, "connected_slaves");
  const takesAlone = minReplicas.ok && minReplicas.value === 0;
  if (node.roles.includes("state") && (replicas ?? 0) > 0 && takesAlone) {
    findings.push({
      severity: "info",
      code: "writes-without-replica",
      found: "min-replicas-to-write is 0",
      cost: "a master cut off from its replicas takes writes that the failover then throws away",
      fix: "set min-replicas-to-write 1 and min-replicas-max-lag 2, where a refused write is better than a lost one",
    });
  }
  return [...findings, ...checkCluster(facts, replicas)];
}

function checkCluster({ cluster, node }: NodeFacts, replicas: number | null): NodeFinding[] {
  if (!cluster.ok) {
    return cluster.reason === "this is no Cluster" ? [] : [unchecked("the Cluster's state", cluster.reason)];
  }
  const findings: NodeFinding[] = [];
  const state = cluster.value.get("cluster_state");
  const assigned = numberIn(cluster.value, "cluster_slots_assigned") ?? 16_384;
  if (state !== "ok" || assigned < 16_384) {
    findings.push({
      severity: "error",
      code: "cluster-not-whole",
      found: `cluster_state is ${state ?? "unknown"}, ${assigned} of 16384 slots are served`,
      cost: "calls on the other slots fail (CLUSTERDOWN)",
      fix: "redis-cli --cluster fix, or bring the missing nodes back",
    });
  }
  if (node.roles.includes("state") && replicas === 0) {
    findings.push({
      severity: "warn",
      code: "master-without-replica",
      found: "this master has no replica",
      cost: "when it dies, its slots are gone until it is back",
      fix: "add a replica for each master",
    });
  }
  return findings;
}

/** `slave0:ip=…,state=online,offset=…,lag=0` */
function listLags(info: RedisInfo): number[] {
  return [...info].flatMap(([name, text]) =>
    /^slave\d+$/.test(name) ? [Number(parsePairs(text).get("lag") ?? 0)] : [],
  );
}
