import { type Cluster, Redis } from "ioredis";
import { Misuse, OutcomeUnknown } from "../errors.ts";
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
  SubscribeMode,
  Subscription,
  SubscriptionHandlers,
} from "../port.ts";
import { awaitReplicas, runByDigest, sendUnawaited } from "../port-calls.ts";
import type { Script } from "../script/define-script.ts";
import { commandLine } from "../command-line.ts";
import { noTelemetry, type Telemetry } from "../telemetry.ts";
import { IoredisSubscriber } from "./ioredis-subscriber.ts";
import { type SubscriberOptions, subscriberSettings } from "../subscriber-settings.ts";
import { knowsShardedPubSub } from "./knows-sharded-pub-sub.ts";
import { sendCommand } from "./send-command.ts";
import { ShardedSubscriber } from "./sharded-subscriber.ts";

export interface IoredisPortOptions {
  /** Milliseconds for a call that sets none of its own. Default 1000. */
  readonly deadlineMs?: number;
  /**
   * Refuse scripts whose keys lie in different slots, on one node too, where Redis itself would let them
   * pass. Costs a checksum a key; for development and tests. Default false.
   */
  readonly checkSlots?: boolean;
  /**
   * Say `"cluster"` where one endpoint stands before shards and enforces slots all the same (Redis Enterprise's
   * proxy, Azure's Enterprise clustering policy). Default: what the client is.
   */
  readonly topology?: RedisCapabilities["topology"];
  /** Makes the one subscriber connection, at the first subscription. Default: a duplicate of the client. */
  readonly subscriber?: () => Redis | Cluster;
  /** How the subscriber connections are looked after. */
  readonly subscriptions?: SubscriberOptions;
  /** Told of subscription handlers that throw. */
  readonly telemetry?: Telemetry;
}

/**
 * The port over ioredis 6: one node, Sentinel or Cluster. The client should come from `connectRedis`, or
 * carry its settings: `autoResendUnfulfilledCommands: false`, `maxRetriesPerRequest: 0`,
 * `enableOfflineQueue: false`, without which ioredis may run a command twice behind the port's back; and
 * `protocol: 2`, without which some commands answer in other shapes.
 */
export function ioredisPort(client: Redis | Cluster, options: IoredisPortOptions = {}): RedisPort {
  return new IoredisPort(client, options);
}

class IoredisPort implements RedisPort {
  readonly capabilities: RedisCapabilities;
  readonly #client: Redis | Cluster;
  readonly #deadlineMs: number;
  readonly #checkSlots: boolean;
  readonly #subscriber: IoredisSubscriber;
  readonly #sharded: ShardedSubscriber | undefined;
  #hasShardedPubSub: Promise<boolean> | undefined;

  constructor(client: Redis | Cluster, options: IoredisPortOptions) {
    if (client.options.keyPrefix) {
      throw new Misuse("ioredis' keyPrefix is not supported; give createRedisCore a prefix instead");
    }
    this.#client = client;
    this.#deadlineMs = options.deadlineMs ?? 1_000;
    this.#checkSlots = options.checkSlots ?? false;
    const telemetry = options.telemetry ?? noTelemetry;
    const settings = subscriberSettings(options.subscriptions);
    const connect = options.subscriber ?? (() => duplicate(client));
    this.#subscriber = new IoredisSubscriber(connect, telemetry, settings);
    const isSharded = settings.sharded && !(client instanceof Redis);
    this.#sharded = isSharded ? new ShardedSubscriber(client, telemetry, settings) : undefined;
    this.capabilities = {
      transport: "socket",
      topology: options.topology ?? (client instanceof Redis ? "single" : "cluster"),
      subscribe: true,
    };
  }

  async command(
    name: string,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options: CallOptions = {},
  ): Promise<RedisReply> {
    const reply = await this.#send(name, [...keys, ...args], options);
    await this.#awaitReplicas(keys, options);
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
      this.#send(name, words, options, what),
    );
    await this.#awaitReplicas(keys, options);
    return reply;
  }

  async subscribe(
    channels: readonly string[],
    handlers: SubscriptionHandlers,
    { sharded = false }: SubscribeMode = {},
  ): Promise<Subscription> {
    if (sharded && !this.#sharded) {
      throw new Misuse("sharded subscriptions are for a Cluster, and where they are not switched off");
    }
    return await (sharded && this.#sharded ? this.#sharded : this.#subscriber).subscribe(channels, handlers);
  }

  hasShardedPubSub(): Promise<boolean> {
    if (!this.#sharded) {
      return Promise.resolve(false);
    }
    this.#hasShardedPubSub ??= knowsShardedPubSub(this).catch((error: unknown) => {
      this.#hasShardedPubSub = undefined;
      throw error;
    });
    return this.#hasShardedPubSub;
  }

  eachMaster<T>(fn: (master: MasterPort) => Promise<T>): Promise<T[]> {
    const masters = this.#client instanceof Redis ? [this.#client] : this.#client.nodes("master");
    return Promise.all(
      masters.map((node) =>
        fn({
          command: (name, args, options = {}) =>
            sendCommand(node, commandLine(name, args), this.#withDeadline(options), name),
        }),
      ),
    );
  }

  slotOf(key: string): number {
    return slotOfKey(key);
  }

  async close(): Promise<void> {
    await Promise.all([this.#subscriber.close(), this.#sharded?.close()]);
  }

  #send(
    name: string,
    args: readonly RedisArgument[],
    options: CallOptions,
    what = name,
  ): Promise<RedisReply> {
    return sendCommand(this.#client, commandLine(name, args), this.#withDeadline(options), what);
  }

  #withDeadline(options: CallOptions): CallOptions & { deadlineMs: number } {
    return { ...options, deadlineMs: options.deadlineMs ?? this.#deadlineMs };
  }

  #awaitReplicas(keys: readonly string[], { waitReplicas, deadlineMs = this.#deadlineMs }: CallOptions) {
    return awaitReplicas(waitReplicas, deadlineMs, (name, args, options) =>
      sendCommand(this.#nodeOf(keys[0] ?? ""), commandLine(name, args), this.#withDeadline(options), name),
    );
  }

  #nodeOf(key: string): Redis {
    if (this.#client instanceof Redis) {
      return this.#client;
    }
    const address = this.#client.slots[slotOfKey(key)]?.[0];
    const node = this.#client
      .nodes("master")
      .find(({ options }) => `${options.host}:${options.port}` === address);
    if (!node) {
      throw new OutcomeUnknown("written, but the node that holds the key left the cluster");
    }
    return node;
  }
}

function duplicate(client: Redis | Cluster): Redis | Cluster {
  return client instanceof Redis
    ? client.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null, autoResubscribe: false })
    : client.duplicate([], { enableOfflineQueue: true });
}
