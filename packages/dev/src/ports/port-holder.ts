import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { describeProcess } from "../processes/process-table.ts";
import { findExecutable } from "../workspace/executable.ts";
import { runCommand } from "../workspace/run-command.ts";
import { isPortFree } from "./free-port.ts";

export interface PortHolder {
  /** Undefined for another user's program, whose sockets we may not see. */
  pid: number | undefined;
  command: string;
  folder: string | undefined;
}

const addresses = ["127.0.0.1", "::1", "0.0.0.0", "::"];

/** Who listens on the port, on whichever local address, or undefined when it is free. */
export async function findPortHolder(port: number): Promise<PortHolder | undefined> {
  if (await isFreeEverywhere(port)) return undefined;
  const pid = holderFromProc(port) ?? (await holderFromLsof(port));
  if (pid === undefined) return { pid, command: "a program of another user", folder: undefined };
  const { command, folder } = describeProcess(pid);
  return { pid, command: command === "" ? "a program" : command, folder };
}

/**
 * Whether the port is free on every local address, one after the other: they would be in each other's way.
 */
export async function isFreeEverywhere(port: number): Promise<boolean> {
  for (const address of addresses) if (!(await isPortFree(port, address))) return false;
  return true;
}

function holderFromProc(port: number): number | undefined {
  const sockets = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listeningSockets(table, port)),
  );
  if (sockets.size === 0) return undefined;
  for (const pid of listOrEmpty("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const file of listOrEmpty(`/proc/${pid}/fd`)) {
      try {
        if (sockets.has(readlinkSync(`/proc/${pid}/fd/${file}`))) return Number(pid);
      } catch {
        // Closed in between.
      }
    }
  }
  return undefined;
}

function listeningSockets(table: string, port: number): string[] {
  let lines: string[];
  try {
    lines = readFileSync(table, "utf8").split("\n").slice(1);
  } catch {
    return [];
  }
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return lines.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const isListening = fields[3] === "0A" && fields[1]?.endsWith(suffix) === true;
    return isListening ? [`socket:[${fields[9] ?? ""}]`] : [];
  });
}

async function holderFromLsof(port: number): Promise<number | undefined> {
  if (findExecutable(["lsof"]) === undefined) return undefined;
  const { stdout } = await runCommand("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fp"]);
  const pid = /^p(\d+)$/m.exec(stdout)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

function listOrEmpty(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
