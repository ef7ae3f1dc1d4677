import { type ProcessEntry, descendantsOf, isAlive, listProcesses } from "../processes/process-table.ts";
import { waitUntil } from "../processes/wait-for.ts";

const checkEveryMs = 1000;
const graceMs = 25_000;

/**
 * turbo passes signals on to the tasks, but one that is killed with -9 cannot. This remembers the processes
 * of the run while turbo lives; when it is gone without having ended them, they are asked to stop, killed if
 * they do not within 25 s. `onOrphaned` is called at once with the promise of their end.
 */
export function watchRun(
  run: ProcessEntry,
  signal: AbortSignal,
  onOrphaned: (othersEnded: Promise<void>) => void,
): void {
  let members: ProcessEntry[] = [];
  const check = async (): Promise<void> => {
    const processes = await listProcesses();
    if (signal.aborted) return;
    if (processes.some((entry) => isSame(entry, run))) {
      members = descendantsOf(run.pid, processes);
      return;
    }
    clearInterval(timer);
    console.log("turbo is gone: stopping what it started.");
    onOrphaned(stopAll(members));
  };
  const timer = setInterval(() => void check(), checkEveryMs);
  timer.unref();
  signal.addEventListener("abort", () => clearInterval(timer));
  void check();
}

async function stopAll(members: readonly ProcessEntry[]): Promise<void> {
  const others = await stillThere(members.filter(({ pid }) => pid !== process.pid));
  for (const { pid } of others) send(pid, "SIGTERM");
  await waitUntil(() => others.every(({ pid }) => !isAlive(pid)), graceMs);
  for (const { pid } of await stillThere(others)) send(pid, "SIGKILL");
}

async function stillThere(members: readonly ProcessEntry[]): Promise<ProcessEntry[]> {
  const processes = await listProcesses();
  return members.filter((member) => processes.some((entry) => isSame(entry, member)));
}

function isSame(first: ProcessEntry, second: ProcessEntry): boolean {
  return first.pid === second.pid && first.startedAt === second.startedAt;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in between.
  }
}
