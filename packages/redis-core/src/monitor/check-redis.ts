import type { CoreContext } from "../context.ts";
import type { CallOptions } from "../port.ts";
import type { Telemetry } from "../telemetry.ts";
import { checkAccess } from "./checks/check-access.ts";
import { checkEviction } from "./checks/check-eviction.ts";
import { checkMemory } from "./checks/check-memory.ts";
import { checkPersistence } from "./checks/check-persistence.ts";
import { checkReplication } from "./checks/check-replication.ts";
import { checkServer } from "./checks/check-server.ts";
import { isAtLeast, type Finding, type NodeFinding, type Severity, sortFindings } from "./finding.ts";
import { type NodeFacts, readFacts } from "./node-facts.ts";
import { type RedisNode, readNodes } from "./redis-nodes.ts";

export interface CheckReport {
  /** No finding is an error. */
  readonly ok: boolean;
  /** Worst first. */
  readonly findings: readonly Finding[];
}

const checks: readonly ((facts: NodeFacts) => NodeFinding[])[] = [
  checkServer,
  checkEviction,
  checkMemory,
  checkPersistence,
  checkReplication,
  checkAccess,
];

export async function checkRedis(context: CoreContext, options: CallOptions): Promise<CheckReport> {
  const nodes = await readNodes(context, options);
  const perNode = await Promise.all(nodes.map((node) => checkNode(context, node, options)));
  const findings = sortFindings(perNode.flat());
  return { ok: findings.every(({ severity }) => severity !== "error"), findings };
}

/** One line of the log for each finding that is grave enough. */
export function logFindings({ findings }: CheckReport, telemetry: Telemetry, least: Severity): void {
  for (const { severity, ...finding } of findings) {
    if (isAtLeast(severity, least)) {
      telemetry.log(severity, "redis check", finding);
    }
  }
}

async function checkNode(context: CoreContext, node: RedisNode, options: CallOptions): Promise<Finding[]> {
  const { roles, info } = node;
  const name = node.node;
  if (!info.ok && info.why === "away") {
    const found: NodeFinding = {
      severity: "error",
      code: "away",
      found: info.reason,
      cost: "each primitive does what it declares for an outage",
      fix: "start Redis, or correct its address",
    };
    return [{ ...found, roles, node: name }];
  }
  const port = roles.includes("state") ? context.state : context.cache;
  const isCluster = port.capabilities.topology === "cluster";
  const { keys } = context;
  const facts = await readFacts({ node, info: info.ok ? info.value : new Map(), isCluster, keys }, options);
  return checks.flatMap((check) => check(facts)).map((finding) => ({ ...finding, roles, node: name }));
}
