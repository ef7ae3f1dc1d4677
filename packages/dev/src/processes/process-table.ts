import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { runCommand } from "../workspace/run-command.ts";

export interface ProcessEntry {
  pid: number;
  parent: number;
  /** Tells two processes apart that had the same id one after the other. */
  startedAt: string;
  command: string;
}

/** Every process of this machine that we may see: from /proc, or from `ps` where there is none. */
export async function listProcesses(): Promise<ProcessEntry[]> {
  const fromProc = listProc();
  if (fromProc.length > 0) return fromProc;
  const { stdout } = await runCommand("ps", ["-A", "-o", "pid=,ppid=,lstart=,command="]);
  return stdout.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\w+ \w+ +\d+ [\d:]+ \d+)\s+(.*)$/.exec(line);
    if (match === null) return [];
    const [, pid = "", parent = "", startedAt = "", command = ""] = match;
    return [{ pid: Number(pid), parent: Number(parent), startedAt, command }];
  });
}

/** The parent of `pid`, its parent, and so on. */
export function ancestorsOf(pid: number, processes: readonly ProcessEntry[]): ProcessEntry[] {
  const byPid = new Map(processes.map((entry) => [entry.pid, entry]));
  const found: ProcessEntry[] = [];
  let current = byPid.get(byPid.get(pid)?.parent ?? 0);
  while (current !== undefined && !found.includes(current)) {
    found.push(current);
    current = byPid.get(current.parent);
  }
  return found;
}

/** Children of `pid`, their children, and so on. */
export function descendantsOf(pid: number, processes: readonly ProcessEntry[]): ProcessEntry[] {
  const found = new Set<ProcessEntry>();
  const visit = (parent: number): void => {
    for (const entry of processes) {
      if (entry.parent !== parent || found.has(entry)) continue;
      found.add(entry);
      visit(entry.pid);
    }
  };
  visit(pid);
  return [...found];
}

/** Whether the process exists and has not ended (a zombie has). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  return !/^State:\s+[ZX]/m.test(readOrEmpty(`/proc/${pid}/status`));
}

/** `command line`, and the folder it runs in where that can be seen. */
export function describeProcess(pid: number): { command: string; folder: string | undefined } {
  const command = readOrEmpty(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
  let folder: string | undefined;
  try {
    folder = readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // Another user's, or no /proc.
  }
  return { command, folder };
}

function listProc(): ProcessEntry[] {
  let names: string[];
  try {
    names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const stat = readOrEmpty(`/proc/${name}/stat`);
    // The name stands in parentheses and may itself contain spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, parent, startedAt] = [fields[0], fields[1], fields[19]];
    if (state === undefined || state === "Z" || parent === undefined || startedAt === undefined) return [];
    const command = readOrEmpty(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim();
    return [{ pid: Number(name), parent: Number(parent), startedAt, command }];
  });
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
