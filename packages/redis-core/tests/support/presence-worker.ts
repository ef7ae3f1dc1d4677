/** A process with connections of its own, for tests that kill it: it does what it is told, under any prefix. */
import { connectRedis } from "../../src/connection/index.ts";
import { createRedisCore } from "../../src/core.ts";
import type { PresenceConnection, PresenceOptions } from "../../src/presence/index.ts";

export type PresenceOrder =
  | { readonly kind: "join" | "leave"; readonly room: string; readonly userId: string; readonly connectionId: string }
  | { readonly kind: "heartbeat"; readonly room: string; readonly userId: string };

export interface PresenceOrders {
  readonly prefix: string;
  readonly options: PresenceOptions<undefined>;
  readonly orders: readonly PresenceOrder[];
}

const [url = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 5_000 });
await redis.ready(AbortSignal.timeout(20_000));
const places = new Map<string, ReturnType<typeof enter>>();

function enter(prefix: string, options: PresenceOptions<undefined>) {
  const core = createRedisCore({ redis: redis.port, prefix });
  return { presence: core.presence(options), connections: new Map<string, PresenceConnection<undefined>>() };
}

async function obey({ presence, connections }: ReturnType<typeof enter>, order: PresenceOrder): Promise<void> {
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

process.on("message", ({ prefix, options, orders }: PresenceOrders) => {
  const place = places.get(prefix) ?? enter(prefix, options);
  places.set(prefix, place);
  void Promise.all(orders.map((order) => obey(place, order))).then(() => process.send?.("done"));
});
process.send?.("ready");
