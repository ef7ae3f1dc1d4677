import type { RedisReply } from "../port.ts";

/** How a command leaves: without a time limit of the client's own, and takes the signal to be forgotten. */
export interface NodeRedisSending {
  readonly abortSignal: AbortSignal;
  readonly timeout: number;
}

/** What the port uses of a client that `createClient({ RESP: 2, … })` of the package `redis` makes. */
export interface NodeRedisClient {
  readonly isReady: boolean;
  readonly isOpen: boolean;
  readonly options: {
    readonly RESP?: 2 | 3 | undefined;
    readonly keyPrefix?: unknown;
    readonly socket?: object | undefined;
  };
  sendCommand(words: readonly string[], options: NodeRedisSending): Promise<unknown>;
  connect(): Promise<unknown>;
  duplicate(overrides: {
    readonly disableOfflineQueue: false;
    readonly pingInterval: number;
    readonly socket: {
      readonly socketTimeout: number;
      readonly reconnectStrategy: (attempt: number) => number | Error;
    };
  }): NodeRedisClient;
  subscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<void>;
  unsubscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<void>;
  on(event: "error" | "ready", listener: () => void): unknown;
  destroy(): void;
}

/** A node of a Cluster. Its client is absent until it was needed. */
export interface NodeRedisNode {
  readonly address: string;
  readonly client?: NodeRedisClient;
}

/** What the port uses of a client that `createCluster({ RESP: 2, … })` makes. */
export interface NodeRedisCluster {
  readonly isReady: boolean;
  readonly slots: readonly ({ readonly master: NodeRedisNode } | undefined)[];
  readonly masters: readonly NodeRedisNode[];
  readonly _options: { readonly RESP?: 2 | 3 | undefined; readonly keyPrefix?: unknown };
  nodeClient(node: NodeRedisNode): Promise<NodeRedisClient>;
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean,
    words: string[],
    options: NodeRedisSending,
  ): Promise<unknown>;
}

/** RESP 2 has nothing else; an error within a list (of EXEC) is the caller's to find as text. */
export function toReply(value: unknown): RedisReply {
  if (typeof value === "string" || typeof value === "number" || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(toReply);
  }
  return value instanceof Error ? value.message : null;
}
