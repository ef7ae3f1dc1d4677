import type { RedisArgument, RedisCapabilities, RedisReply } from "../port.ts";
import type { CallLimits } from "../send-within.ts";
import type { NodeRedisClient } from "./node-redis-client.ts";

/** Where a port's commands go: one node, or the nodes of a Cluster. */
export interface NodeRedisTopology {
  readonly topology: RedisCapabilities["topology"];
  /** Sends once, to the node of the key, or to any where there is none. */
  send(
    key: string | undefined,
    command: readonly RedisArgument[],
    limits: CallLimits,
    what: string,
  ): Promise<RedisReply>;
  /** The clients of all masters. */
  masters(limits: CallLimits): Promise<readonly NodeRedisClient[]>;
  /** Makes an unconnected client for subscriptions. */
  createSubscriber(): NodeRedisClient;
}

const givenUpAfter = 4;

/** A half-open socket says nothing: without a sign of life, a ping's answer included, it is made anew. */
export function duplicateForMessages(
  client: NodeRedisClient,
  { mayGiveUp }: { readonly mayGiveUp: boolean },
): NodeRedisClient {
  return client.duplicate({
    disableOfflineQueue: false,
    pingInterval: 5_000,
    socket: {
      ...client.options.socket,
      socketTimeout: 7_000,
      reconnectStrategy: (attempt) =>
        mayGiveUp && attempt >= givenUpAfter ? new Error("the node is gone") : retryDelayMs(attempt),
    },
  });
}

function retryDelayMs(attempt: number): number {
  const jitter = 0.5 + Math.random() / 2;
  return Math.min(500, (attempt + 1) * 50) * jitter;
}
