import { type NodeFinding, unchecked } from "../finding.ts";
import type { NodeFacts } from "../node-facts.ts";

/** Who may connect, and how much harm this connection could do. */
export function checkAccess({ user, needsNoPassword, mayDoHarm }: NodeFacts): NodeFinding[] {
  if (!user.ok) {
    return [unchecked("the ACL user", user.reason)];
  }
  if (user.value === "default" && needsNoPassword.ok && needsNoPassword.value) {
    return [
      {
        severity: "warn",
        code: "no-password",
        found: "the user default needs no password",
        cost: "whoever reaches the port reads and deletes everything",
        fix: "set requirepass, or better an ACL user (docs/hosting.md), and bind Redis to private addresses",
      },
    ];
  }
  if (mayDoHarm.ok && mayDoHarm.value) {
    return [
      {
        severity: "info",
        code: "user-may-do-harm",
        found: `the user ${user.value} may run KEYS or FLUSHALL`,
        cost: "a mistake or a stolen password can stall or empty Redis",
        fix: "use an ACL user without @dangerous (docs/hosting.md has its line)",
      },
    ];
  }
  return [];
}
