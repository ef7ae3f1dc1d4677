import { createAdapter as createRedisAdapter } from "@socket.io/redis-adapter";
import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";
import { Redis } from "ioredis";
import type { ServerOptions } from "socket.io";

export const REDIS = "redis-adapter";
export const STREAMS = "redis-streams-adapter";

/** One of socket.io's adapters over Redis, under a name of its own. */
export function adapterOf(name: string, redisUrl: string, prefix: string) {
  const client = new Redis(redisUrl);
  return name === STREAMS
    ? createStreamsAdapter(client, { streamName: `${prefix}:stream`, sessionKeyPrefix: `${prefix}:recovery:` })
    : createRedisAdapter(client, client.duplicate(), { key: prefix });
}

/** WebSocket alone, no compression; recovery where the adapter can. */
export function serverOptions(name: string): Partial<ServerOptions> {
  return {
    transports: ["websocket"],
    perMessageDeflate: false,
    ...(name === STREAMS && { connectionStateRecovery: { maxDisconnectionDuration: 120_000 } }),
  };
}
