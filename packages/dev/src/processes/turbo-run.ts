import { type ProcessEntry, ancestorsOf, listProcesses } from "./process-table.ts";

/**
 * The turbo that runs this script, or undefined when it was started without turbo. Turbo's launcher script
 * starts the program proper; the nearest one counts, being the direct parent of the tasks.
 */
export async function findTurboRun(): Promise<ProcessEntry | undefined> {
  const ancestors = ancestorsOf(process.pid, await listProcesses());
  return ancestors.find(({ command }) => /(^|\/)turbo(\s|$)/.test(command.split(" ")[0] ?? ""));
}
