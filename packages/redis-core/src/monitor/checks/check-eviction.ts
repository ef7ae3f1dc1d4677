import type { NodeFinding } from "../finding.ts";
import type { NodeFacts } from "../node-facts.ts";
import { numberIn } from "../redis-info.ts";
import { unchecked } from "../finding.ts";

/** Whether memory runs out in a way that each role survives. */
export function checkEviction({ node: { roles }, policy, info }: NodeFacts): NodeFinding[] {
  if (!policy.ok) {
    return [unchecked("maxmemory-policy", policy.reason)];
  }
  const evicts = policy.value !== "noeviction";
  const maxBytes = numberIn(info, "maxmemory") ?? 0;
  const findings: NodeFinding[] = [];
  const holdsState = roles.includes("state");
  if (holdsState && evicts) {
    findings.push({
      severity: "error",
      code: "state-evicts",
      found: `maxmemory-policy is ${policy.value} where the state is`,
      cost: "under memory pressure Redis throws away sessions, locks, limits, boards and jobs, silently",
      fix: "set maxmemory-policy noeviction, and give the cache a Redis of its own",
    });
  }
  if (roles.length > 1) {
    findings.push({
      severity: "info",
      code: "roles-shared",
      found: "one Redis serves state and cache",
      cost: evicts
        ? "what it evicts to make room for the cache may be state"
        : "a cache that fills it makes writes of sessions, locks and jobs fail, too",
      fix: "give the cache a Redis of its own with maxmemory-policy allkeys-lfu",
    });
  }
  if (!holdsState && !evicts && maxBytes > 0) {
    findings.push({
      severity: "warn",
      code: "cache-does-not-evict",
      found: "maxmemory-policy is noeviction where the cache is",
      cost: "when it is full, nothing new is cached and every miss goes to the source",
      fix: "set maxmemory-policy allkeys-lfu",
    });
  }
  if (maxBytes === 0 && info.has("maxmemory")) {
    findings.push({
      severity: "warn",
      code: "no-memory-limit",
      found: "there is no maxmemory",
      cost: "Redis grows until the system ends it, or everything beside it",
      fix: "set maxmemory to about three quarters of the memory it may have",
    });
  }
  return findings;
}
