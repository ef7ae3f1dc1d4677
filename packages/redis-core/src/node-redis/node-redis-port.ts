import { commandLine } from "../command-line.ts";
import { slotOfKey } from "../keyspace/key-slot.ts";
import type {
  BatchItem,
  BatchResult,
  CallOptions,
  MasterPort,
  RedisArgument,
  RedisCapabilities,
  RedisPort,
  RedisReply,
  Subscription,
  SubscriptionHandlers,
} from "../port.ts";
import { awaitReplicas, runByDigest, sendUnawaited } from "../port-calls.ts";
import type { Script } from "../script/define-script.ts";
import { type CallLimits, sendWithin } from "../send-within.ts";
import { type SubscriberOptions, subscriberSettings } from "../subscriber-settings.ts";
import { noTelemetry, type Telemetry } from "../telemetry.ts";
import { clusterNodes } from "./cluster-nodes.ts";
import type { NodeRedisClient, NodeRedisCluster } from "./node-redis-client.ts";
import { NodeRedisSubscriber } from "./node-redis-subscriber.ts";
import type { NodeRedisTopology } from "./node-redis-topology.ts";
import { sendOnce } from "./send-command.ts";
import { singleNode } from "./single-node.ts";

export interface NodeRedisPortOptions {
  /** Milliseconds for a call that sets none of its own. Default 1000. */
  readonly deadlineMs?: number;
  /** Refuse scripts whose keys lie in different slots, on one node too. Default false. */
  readonly checkSlots?: boolean;
  /**
   * Say `"cluster"` where one endpoint stands before shards and enforces slots all the same (Redis Enterprise's
   * proxy, Azure's Enterprise clustering policy). Default: what the client is.
   */
  readonly topology?: RedisCapabilities["topology"];
  /** Makes the one subscriber connection, unconnected. Default: a duplicate of the client, or of a master's. */
  readonly subscriber?: () => NodeRedisClient;
  /** How that connection is looked after. `pingEvery` and `pingWithin` hold for the default one. */
  readonly subscriptions?: SubscriberOptions;
  /** Told of subscription handlers that throw. */
  readonly telemetry?: Telemetry;
}

/**
 * The port over node-redis 6 (`redis`): one node (`createClient`) or a Cluster (`createCluster`). The client must
 * speak RESP 2, so that replies have the same shape on every port, and must have no `keyPrefix`; the caller
 * connects it, handles its `error` events and destroys it after the port is closed.
 *
 * A call on a client that is not connected fails at once: node-redis' offline queue is never used. Nothing
 * is sent again unless the call says `resend: "once"`; a command that a Cluster's node redirects, or refuses while
 * its slot moves, has not run there, and is tried again within its deadline. After a failover a Cluster client
 * looks for the new masters once a lost node was away for `topologyRefreshOnReconnectionAttemptStrategy` (5 s
 * unless set; 500 is better).
 *
 * @example
 * const client = createClient({ url: "redis://127.0.0.1:6379", RESP: 2 });
 * client.on("error", (error) => log.warn(error));
 * await client.connect();
 * const core = createRedisCore({ redis: nodeRedisPort(client), prefix: "shop" });
 */
export function nodeRedisPort(
  client: NodeRedisClient | NodeRedisCluster,
  options: NodeRedisPortOptions = {},
): RedisPort {
  return new NodeRedisPort("masters" in client ? clusterNodes(client) : singleNode(client), options);
}

class NodeRedisPort implements RedisPort {
  readonly capabilities: RedisCapabilities;
  readonly #nodes: NodeRedisTopology;
  readonly #deadlineMs: number;
  readonly #checkSlots: boolean;
  readonly #subscriber: NodeRedisSubscriber;

  constructor(nodes: NodeRedisTopology, options: NodeRedisPortOptions) {
    this.#nodes = nodes;
    this.#deadlineMs = options.deadlineMs ?? 1_000;
    this.#checkSlots = options.checkSlots ?? false;
    const settings = subscriberSettings(options.subscriptions);
    this.#subscriber = new NodeRedisSubscriber(
      options.subscriber ?? (() => nodes.createSubscriber(settings)),
      options.telemetry ?? noTelemetry,
      settings.lingerMs,
    );
    this.capabilities = {
      transport: "socket",
      topology: options.topology ?? nodes.topology,
      subscribe: true,
    };
  }

  async command(
    name: string,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options: CallOptions = {},
  ): Promise<RedisReply> {
    const reply = await this.#send(keys[0], name, [...keys, ...args], options);
    await this.#awaitReplicas(keys[0], options);
    return reply;
  }

  batch(items: readonly BatchItem[], options: CallOptions = {}): Promise<BatchResult[]> {
    return sendUnawaited(items, ({ name, keys, args }) => this.command(name, keys, args, options));
  }

  async run(
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options: CallOptions = {},
  ): Promise<RedisReply> {
    const checkSlots = this.#checkSlots;
    const reply = await runByDigest({ script, keys, args, options, checkSlots }, (name, words, what) =>
      this.#send(keys[0], name, words, options, what),
    );
    await this.#awaitReplicas(keys[0], options);
    return reply;
  }

  subscribe(channels: readonly string[], handlers: SubscriptionHandlers): Promise<Subscription> {
    return this.#subscriber.subscribe(channels, handlers);
  }

  /** node-redis has it; here every message goes to all nodes, over the one subscriber. */
  async hasShardedPubSub(): Promise<boolean> {
    return await Promise.resolve(false);
  }

  async eachMaster<T>(fn: (master: MasterPort) => Promise<T>): Promise<T[]> {
    const masters = await this.#nodes.masters(this.#withDeadline({}));
    return await Promise.all(
      masters.map((client) =>
        fn({
          command: (name, args, options = {}) =>
            sendWithin(this.#withDeadline(options), (limits) =>
              sendOnce(client, commandLine(name, args), limits, name),
            ),
        }),
      ),
    );
  }

  slotOf(key: string): number {
    return slotOfKey(key);
  }

  close(): Promise<void> {
    return this.#subscriber.close();
  }

  #send(
    key: string | undefined,
    name: string,
    args: readonly RedisArgument[],
    options: CallOptions,
    what = name,
  ): Promise<RedisReply> {
    const command = commandLine(name, args);
    return sendWithin(this.#withDeadline(options), (limits) => this.#nodes.send(key, command, limits, what));
  }

  /** The connection to a key's node is the one that the write took. */
  #awaitReplicas(key: string | undefined, { waitReplicas, deadlineMs = this.#deadlineMs }: CallOptions) {
    return awaitReplicas(waitReplicas, deadlineMs, (name, args, options) =>
      this.#send(key, name, args, options),
    );
  }

  #withDeadline(options: CallOptions): CallLimits {
    return { ...options, deadlineMs: options.deadlineMs ?? this.#deadlineMs };
  }
}
