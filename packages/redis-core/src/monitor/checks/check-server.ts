import { type NodeFinding, unchecked } from "../finding.ts";
import type { NodeFacts } from "../node-facts.ts";
import { commandsOfScripts } from "../script-commands.ts";
import { describeServer } from "../server-identity.ts";

const noticeableSkewMs = 5_000;

/** What answers, and whether it can do what the scripts ask of it: by asking, whatever its version says. */
export function checkServer(facts: NodeFacts): NodeFinding[] {
  const { flavour, version, mode } = describeServer(facts.info);
  const findings: NodeFinding[] = [
    {
      severity: "info",
      code: "server",
      found: `${flavour} ${version ?? "of unknown version"}${mode === null ? "" : `, ${mode}`}`,
      cost: "nothing",
      fix: "",
    },
  ];
  if (flavour === "keydb" || flavour === "dragonfly") {
    findings.push({
      severity: "warn",
      code: "server-best-effort",
      found: `${flavour} is not among the servers the library is tested on`,
      cost: "it follows Redis closely, not exactly",
      fix: "read its part of docs/hosting.md",
    });
  }
  if (!facts.runsScripts.ok) {
    findings.push({
      severity: "error",
      code: "no-scripts",
      found: `scripts do not run: ${facts.runsScripts.reason}`,
      cost: "no primitive works",
      fix: "allow EVAL and EVALSHA, or choose a server that has them",
    });
  }
  if (facts.spansSlots.ok && !facts.spansSlots.value && !facts.isCluster) {
    findings.push({
      severity: "error",
      code: "slots-enforced",
      found: "one endpoint that stands before shards: scripts over several slots are refused (CROSSSLOT)",
      cost: "limits that count several identities in one decision fail",
      fix: 'connect with topology: "cluster"',
    });
  }
  const { missingCommands, clockAheadMs } = facts;
  if (!missingCommands.ok) {
    findings.push(unchecked("the server's commands", missingCommands.reason));
  } else if (missingCommands.value.length > 0) {
    const users = new Set(missingCommands.value.flatMap((name) => [...(commandsOfScripts.get(name) ?? [])]));
    findings.push({
      severity: "error",
      code: "commands-missing",
      found: `the server has no ${missingCommands.value.join(", ")}`,
      cost: `these do not work: ${[...users].join(", ")}`,
      fix: "upgrade the server, or leave these primitives out",
    });
  }
  if (clockAheadMs.ok && Math.abs(clockAheadMs.value) > noticeableSkewMs) {
    const seconds = Math.round(Math.abs(clockAheadMs.value) / 1_000);
    findings.push({
      severity: "warn",
      code: "clock-skew",
      found: `the server's clock is ${seconds} s ${clockAheadMs.value > 0 ? "ahead of" : "behind"} this process'`,
      cost: "decisions use the server's time and stay right; logs and dates shown to users disagree",
      fix: "let NTP keep both",
    });
  }
  return findings;
}
