import type { RedisRole } from "./redis-nodes.ts";

/**
 * - `error`: something promised will be lost or fail.
 * - `warn`: it works until load or a fault comes.
 * - `info`: worth knowing; also what could not be checked.
 */
export type Severity = "info" | "warn" | "error";

/** One thing an operator should know. */
export interface Finding {
  readonly severity: Severity;
  /** Stable, for tests and alerts, such as `state-evicts`. */
  readonly code: string;
  readonly roles: readonly RedisRole[];
  readonly node: string;
  /** What was found. */
  readonly found: string;
  /** What it costs. */
  readonly cost: string;
  /** What to do; empty where nothing needs doing. */
  readonly fix: string;
}

/** A finding before it is known of which node. */
export type NodeFinding = Omit<Finding, "roles" | "node">;

const order: readonly Severity[] = ["error", "warn", "info"];

/** Worst first, otherwise as they came. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return order.indexOf(severity) <= order.indexOf(least);
}

export function unchecked(what: string, reason: string): NodeFinding {
  return {
    severity: "info",
    code: "unchecked",
    found: `${what} could not be checked: ${reason}`,
    cost: "nothing by itself",
    fix: "see the provider's settings",
  };
}
