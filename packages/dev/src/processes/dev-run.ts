import { findKeeper } from "../keeper/keeper-state.ts";
import { redisDataFolder } from "../settings/dev-settings.ts";
import { repositoryRoot } from "../workspace/repository-root.ts";
import { findTurboRun } from "./turbo-run.ts";
import { describeProcess, isAlive, listProcesses } from "./process-table.ts";

/**
 * The `dev` that is running from this checkout, other than the one that asks: its process id, or undefined.
 */
export async function findDevRun(): Promise<number | undefined> {
  const own = (await findTurboRun())?.pid;
  const keeper = findKeeper(redisDataFolder);
  if (keeper !== undefined && keeper.runPid !== own && isAlive(keeper.runPid)) return keeper.runPid;
  const watchers = (await listProcesses()).filter(
    ({ pid, command }) =>
      /packages\/dev\/src\/watch\/main\.ts|(^|\s)src\/watch\/main\.ts/.test(command) &&
      describeProcess(pid).folder?.startsWith(`${repositoryRoot}/`) === true,
  );
  return watchers.find(({ pid }) => pid !== process.pid)?.pid;
}
