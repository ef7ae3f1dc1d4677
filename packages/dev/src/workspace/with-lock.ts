import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isAlive } from "../processes/process-table.ts";
import { waitUntil } from "../processes/wait-for.ts";

const patienceMs = 120_000;

/**
 * Runs `action` while no other process is inside the same lock file. A lock whose owner has died is taken
 * over.
 */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const taken = await waitUntil(() => tryLock(path), patienceMs);
  if (!taken) throw new Error(`Another process has been holding ${path} for ${patienceMs / 1000} s.`);
  try {
    return await action();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryLock(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  let owner: number;
  try {
    owner = Number(readFileSync(path, "utf8"));
  } catch {
    return false;
  }
  if (owner > 0 && !isAlive(owner)) rmSync(path, { force: true });
  return false;
}
