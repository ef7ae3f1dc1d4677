import { commandLine } from "../command-line.ts";
import { Misuse, OutcomeUnknown, RedisCoreError, RedisUnavailable } from "../errors.ts";
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
import { isNoScript } from "../reply-error.ts";
import { assertOneSlot } from "../script/assert-one-slot.ts";
import type { Script } from "../script/define-script.ts";
import { type SubscriberOptions, type SubscriberSettings, subscriberRetryMs, subscriberSettings } from "../subscriber-settings.ts";
import { noTelemetry, type Telemetry } from "../telemetry.ts";
import { NodeRedisSubscriber } from "./node-redis-subscriber.ts";
import { sendCommand } from "./send-command.ts";

/** What the port uses of a client that `createClient({ RESP: 2, … })` of the package `redis` makes. */
export interface NodeRedisClient {
  readonly isReady: boolean;
  readonly options: {
    readonly RESP?: 2 | 3 | undefined;
    readonly keyPrefix?: unknown;
    readonly socket?: object | undefined;
  };
  sendCommand(
    words: readonly string[],
    options: { readonly abortSignal: AbortSignal; readonly timeout: number },
  ): Promise<unknown>;
  connect(): Promise<unknown>;
  duplicate(overrides: {
    readonly disableOfflineQueue: false;
    readonly pingInterval: number;
    readonly socket: {
      readonly socketTimeout: number;
      readonly reconnectStrategy: (attempt: number) => number;
    };
  }): NodeRedisClient;
  subscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<void>;
  unsubscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<void>;
  on(event: "error" | "ready", listener: () => void): unknown;
  destroy(): void;
}

export interface NodeRedisPortOptions {
  /** Milliseconds for a call that sets none of its own. Default 1000. */
  readonly deadlineMs?: number;
  /** Refuse scripts whose keys lie in different slots, on one node too. Default false. */
  readonly checkSlots?: boolean;
  /** Makes the one subscriber connection, unconnected. Default: a duplicate of the client. */
  readonly subscriber?: () => NodeRedisClient;
  /** How that connection is looked after. `pingEvery` and `pingWithin` hold for the default one. */
  readonly subscriptions?: SubscriberOptions;
  /** Told of subscription handlers that throw. */
  readonly telemetry?: Telemetry;
}

/**
 * The port over node-redis 6 (`redis`), for one node. The client must speak RESP 2, so that replies have the
 * same shape on every port, and must have no `keyPrefix`; the caller connects it, handles its `error` events
 * and destroys it after the port is closed.
 *
 * A call on a client that is not connected fails at once: node-redis' offline queue is never used. Nothing
 * is sent again unless the call says `resend: "once"`.
 *
 * @example
 * const client = createClient({ url: "redis://127.0.0.1:6379", RESP: 2 });
 * client.on("error", (error) => log.warn(error));
 * await client.connect();
 * const core = createRedisCore({ redis: nodeRedisPort(client), prefix: "shop" });
 */
export function nodeRedisPort(client: NodeRedisClient, options: NodeRedisPortOptions = {}): RedisPort {
  return new NodeRedisPort(client, options);
}

class NodeRedisPort implements RedisPort {
  readonly capabilities: RedisCapabilities = {
    transport: "socket",
    topology: "single",
    subscribe: true,
  };
  readonly #client: NodeRedisClient;
  readonly #deadlineMs: number;
  readonly #checkSlots: boolean;
  readonly #subscriber: NodeRedisSubscriber;

  constructor(client: NodeRedisClient, options: NodeRedisPortOptions) {
    if (client.options.keyPrefix) {
      throw new Misuse("node-redis' keyPrefix is not supported; give createRedisCore a prefix instead");
    }
    if (client.options.RESP !== 2) {
      throw new Misuse("the node-redis client must be made with RESP: 2; RESP 3 answers in other shapes");
    }
    this.#client = client;
    this.#deadlineMs = options.deadlineMs ?? 1_000;
    this.#checkSlots = options.checkSlots ?? false;
    const settings = subscriberSettings(options.subscriptions);
    this.#subscriber = new NodeRedisSubscriber(
      options.subscriber ?? (() => duplicate(client, settings)),
      options.telemetry ?? noTelemetry,
      settings.lingerMs,
    );
  }

  async command(
    name: string,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options: CallOptions = {},
  ): Promise<RedisReply> {
    const reply = await this.#send(name, [...keys, ...args], options);
    await this.#awaitReplicas(options);
    return reply;
  }

  batch(items: readonly BatchItem[], options: CallOptions = {}): Promise<BatchResult[]> {
    return Promise.all(
      items.map(async ({ name, keys, args }): Promise<BatchResult> => {
        try {
          return { ok: true, reply: await this.command(name, keys, args, options) };
        } catch (cause) {
          return { ok: false, error: cause instanceof Error ? cause : new RedisUnavailable(String(cause)) };
        }
      }),
    );
  }

  async run(
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options: CallOptions = {},
  ): Promise<RedisReply> {
    if (this.#checkSlots && options.anySlot !== true) {
      assertOneSlot(script, options.callKeys ?? [keys]);
    }
    const tail = [keys.length, ...keys, ...args];
    let reply: RedisReply;
    try {
      reply = await this.#send("EVALSHA", [script.sha1, ...tail], options, script.name);
    } catch (error) {
      if (!isNoScript(error)) {
        throw error;
      }
      reply = await this.#send("EVAL", [script.source, ...tail], options, script.name);
    }
    await this.#awaitReplicas(options);
    return reply;
  }

  subscribe(channels: readonly string[], handlers: SubscriptionHandlers): Promise<Subscription> {
    return this.#subscriber.subscribe(channels, handlers);
  }

  async hasShardedPubSub(): Promise<boolean> {
    return await Promise.resolve(false);
  }

  async eachMaster<T>(fn: (master: MasterPort) => Promise<T>): Promise<T[]> {
    return [await fn({ command: (name, args, options = {}) => this.#send(name, args, options) })];
  }

  slotOf(key: string): number {
    return slotOfKey(key);
  }

  close(): Promise<void> {
    return this.#subscriber.close();
  }

  #send(
    name: string,
    args: readonly RedisArgument[],
    options: CallOptions,
    what = name,
  ): Promise<RedisReply> {
    const limits = { ...options, deadlineMs: options.deadlineMs ?? this.#deadlineMs };
    return sendCommand(this.#client, commandLine(name, args), limits, what);
  }

  /** WAIT counts the writes of its own connection, which is the one that the write took. */
  async #awaitReplicas(options: CallOptions): Promise<void> {
    const wanted = options.waitReplicas ?? 0;
    if (wanted === 0) {
      return;
    }
    const deadlineMs = options.deadlineMs ?? this.#deadlineMs;
    let acknowledged: RedisReply;
    try {
      acknowledged = await this.#send("WAIT", [wanted, deadlineMs], { deadlineMs: deadlineMs * 2 });
    } catch (error) {
      if (error instanceof RedisCoreError) {
        const message = `written, but its replicas could not be asked: ${error.message}`;
        throw new OutcomeUnknown(message, { cause: error });
      }
      throw error;
    }
    if (Number(acknowledged) < wanted) {
      throw new OutcomeUnknown(`written, but ${String(acknowledged)} of ${wanted} replicas acknowledged it`);
    }
  }
}

/** A half-open socket says nothing: without a sign of life, a ping's answer included, it is made anew. */
function duplicate(
  client: NodeRedisClient,
  { pingEveryMs, pingWithinMs }: SubscriberSettings,
): NodeRedisClient {
  return client.duplicate({
    disableOfflineQueue: false,
    pingInterval: pingEveryMs,
    socket: {
      ...client.options.socket,
      socketTimeout: pingEveryMs + pingWithinMs,
      reconnectStrategy: (attempt) => subscriberRetryMs(attempt + 1),
    },
  });
}
