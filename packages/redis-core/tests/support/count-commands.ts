import type { RedisPort } from "@cardinal/redis-core";

/**
 * How often Redis ran each command while `work` ran, scripts' inner commands included. It counts those of
 * every client, so the test has a Redis of its own.
 */
export async function countCommands(
  port: RedisPort,
  work: () => Promise<unknown>,
): Promise<Readonly<Record<string, number>>> {
  const before = await readStats(port);
  await work();
  const after = await readStats(port);
  const counts: Record<string, number> = {};
  for (const [name, calls] of after) {
    const added = calls - (before.get(name) ?? 0);
    if (added > 0) {
      counts[name] = added;
    }
  }
  return counts;
}

async function readStats(port: RedisPort): Promise<Map<string, number>> {
  const info = String(await port.command("INFO", [], ["commandstats"]));
  const calls = new Map<string, number>();
  for (const [, name = "", count] of info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
    calls.set(name, Number(count));
  }
  return calls;
}
