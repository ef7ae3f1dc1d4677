/** A process with connections of its own, for tests that kill it: it does what it is told. */
import { connectRedis } from "../../src/connection/index.ts";
import { createRedisCore } from "../../src/core.ts";
import type { PresenceConnection } from "../../src/presence/index.ts";

export type PresenceOrder =
  | { readonly kind: "join" | "leave"; readonly room: string; readonly userId: string; readonly connectionId: string }
  | { readonly kind: "heartbeat"; readonly room: string; readonly userId: string };

const [url = "", prefix = "", leaseTtl = "", grace = "0", heartbeatTtl = "60000"] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 5_000 });
await redis.ready(AbortSignal.timeout(20_000));
const core = createRedisCore({ redis: redis.port, prefix });
const presence = core.presence({
  leaseTtl: Number(leaseTtl),
  grace: Number(grace),
  heartbeatTtl: Number(heartbeatTtl),
});
const connections = new Map<string, PresenceConnection<undefined>>();

async function obey(order: PresenceOrder): Promise<void> {
  if (order.kind === "heartbeat") {
    await presence.heartbeat(order.room, { userId: order.userId });
    return;
  }
  const { kind, room, userId, connectionId } = order;
  if (kind === "join") {
    connections.set(connectionId, await presence.join(room, { userId, connectionId }));
  } else {
    await connections.get(connectionId)?.leave();
    connections.delete(connectionId);
  }
}

process.on("message", (orders: readonly PresenceOrder[]) => {
  void Promise.all(orders.map(obey)).then(() => process.send?.("done"));
});
process.send?.("ready");
