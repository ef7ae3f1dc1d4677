import type { RedisArgument, RedisCapabilities, RedisReply } from "../port.ts";
import type { CallLimits } from "../send-within.ts";
import { type SubscriberSettings, subscriberRetryMs } from "../subscriber-settings.ts";
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
  createSubscriber(settings: SubscriberSettings): NodeRedisClient;
}

const givenUpAfter = 4;

/** A half-open socket says nothing: without a sign of life, a ping's answer included, it is made anew. */
export function duplicateForMessages(
  client: NodeRedisClient,
  { pingEveryMs, pingWithinMs }: SubscriberSettings,
  mayGiveUp: boolean,
): NodeRedisClient {
  return client.duplicate({
    disableOfflineQueue: false,
    pingInterval: pingEveryMs,
    socket: {
      ...client.options.socket,
      socketTimeout: pingEveryMs + pingWithinMs,
      reconnectStrategy: (attempt) =>
        mayGiveUp && attempt >= givenUpAfter ? new Error("the node is gone") : subscriberRetryMs(attempt + 1),
    },
  });
}
