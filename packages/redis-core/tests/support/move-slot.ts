import type { ClusterNode } from "@cardinal/dev";
import type { RedisPort } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";

/** What to wait for while a slot is between two masters. */
export interface MoveStages {
  /** Half of its keys have left. */
  halfway?(): Promise<void>;
  /** All have, but the slot is still the old master's. */
  beforeHandOver?(): Promise<void>;
}

/** Moves a slot with its keys from one master to another, as `redis-cli --cluster reshard` does. */
export async function moveSlot(
  slot: number,
  source: Pick<ClusterNode, "host" | "port">,
  target: Pick<ClusterNode, "host" | "port">,
  { halfway, beforeHandOver }: MoveStages = {},
): Promise<void> {
  await using from = connectRedis({ target: `redis://${source.host}:${source.port}`, deadlineMs: 10_000 });
  await using to = connectRedis({ target: `redis://${target.host}:${target.port}`, deadlineMs: 10_000 });
  await Promise.all([from.ready(), to.ready()]);
  const [fromId, toId] = await Promise.all(
    [from, to].map(async ({ port }) => String(await port.command("CLUSTER MYID", [], []))),
  );
  const setSlot = (port: RedisPort, state: string, id = "") =>
    port.command("CLUSTER SETSLOT", [], [slot, state, id]);
  await setSlot(to.port, "IMPORTING", fromId);
  await setSlot(from.port, "MIGRATING", toId);
  const listKeys = async () => {
    const keys = await from.port.command("CLUSTER GETKEYSINSLOT", [], [slot, 1_000]);
    return Array.isArray(keys) ? keys.map(String) : [];
  };
  const migrate = async (keys: readonly string[]) => {
    if (keys.length > 0) {
      await from.port.command("MIGRATE", [], [target.host, target.port, "", 0, 5_000, "KEYS", ...keys]);
    }
  };
  const keys = await listKeys();
  await migrate(keys.slice(0, Math.floor(keys.length / 2)));
  await halfway?.();
  for (let left = await listKeys(); left.length > 0; left = await listKeys()) {
    await migrate(left);
  }
  await beforeHandOver?.();
  await setSlot(to.port, "NODE", toId);
  await setSlot(from.port, "NODE", toId);
}
