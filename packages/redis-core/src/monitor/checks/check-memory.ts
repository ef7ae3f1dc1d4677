import type { NodeFinding } from "../finding.ts";
import type { NodeFacts } from "../node-facts.ts";
import { numberIn } from "../redis-info.ts";

const nearlyFull = 0.85;
const full = 0.95;

/** Signs that memory or connections already ran short. */
export function checkMemory({ node: { roles }, info }: NodeFacts): NodeFinding[] {
  const findings: NodeFinding[] = [];
  const maxBytes = numberIn(info, "maxmemory") ?? 0;
  const share = maxBytes === 0 ? 0 : (numberIn(info, "used_memory") ?? 0) / maxBytes;
  if (roles.includes("state") && share > nearlyFull) {
    findings.push({
      severity: share > full ? "error" : "warn",
      code: "memory-nearly-full",
      found: `${Math.round(share * 100)} % of maxmemory is used`,
      cost: "when it is full, writes fail with OOM",
      fix: "raise maxmemory; the memory advice lists the largest keys and those without a TTL",
    });
  }
  const evicted = numberIn(info, "evicted_keys") ?? 0;
  if (roles.includes("state") && evicted > 0) {
    findings.push({
      severity: roles.includes("cache") ? "warn" : "error",
      code: "state-was-evicted",
      found: `${evicted} keys were evicted since the server started`,
      cost: "sessions, locks, limits or jobs may be among them",
      fix: "set maxmemory-policy noeviction and raise maxmemory",
    });
  }
  const rejected = numberIn(info, "rejected_connections") ?? 0;
  if (rejected > 0) {
    findings.push({
      severity: "warn",
      code: "connections-rejected",
      found: `${rejected} connections were rejected since the server started`,
      cost: "processes could not reach Redis",
      fix: "raise maxclients, or look for processes that open a connection a request",
    });
  }
  return findings;
}
