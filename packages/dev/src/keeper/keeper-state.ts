import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeProcess, isAlive } from "../processes/process-table.ts";

/** What a running keeper says of itself in its data folder. */
export interface KeeperState {
  pid: number;
  redisPid: number;
  port: number;
  /** `redis-server 7.0.15, from PATH` */
  program: string;
  /** The turbo run that announced itself last. */
  runPid: number;
}

const fileName = "keeper.json";

/** The keeper that serves this data folder, or undefined when none is alive. */
export function findKeeper(dataDir: string): KeeperState | undefined {
  try {
    const state: KeeperState = JSON.parse(readFileSync(join(dataDir, fileName), "utf8"));
    return Number.isInteger(state.pid) && isKeeper(state.pid, dataDir) ? state : undefined;
  } catch {
    return undefined;
  }
}

export function writeKeeperState(dataDir: string, state: KeeperState): void {
  const path = join(dataDir, fileName);
  writeFileSync(`${path}.new`, JSON.stringify(state));
  renameSync(`${path}.new`, path);
}

export function removeKeeperState(dataDir: string): void {
  rmSync(join(dataDir, fileName), { force: true });
}

/** A process that got the id of a keeper that was killed is none. */
function isKeeper(pid: number, dataDir: string): boolean {
  if (!isAlive(pid)) return false;
  const { command } = describeProcess(pid);
  return command === "" || command.includes(dataDir);
}
