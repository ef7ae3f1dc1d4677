import type { Cluster, Redis } from "ioredis";
import { RedisUnavailable } from "../errors.ts";
import { ioredisPort, type IoredisPortOptions } from "../ioredis/ioredis-port.ts";
import type { RedisPort } from "../port.ts";
import type { SubscriberOptions } from "../subscriber-settings.ts";
import { noTelemetry, type Telemetry } from "../telemetry.ts";
import { reportConnection } from "./report-connection.ts";
import { createRedisClient, type RedisClientOptions } from "./redis-client.ts";
import { describeTarget, parseRedisUrl, type RedisTarget } from "./redis-target.ts";

export interface ConnectRedisOptions {
  /** A URL (see `parseRedisUrl`) or a target. */
  readonly target: RedisTarget | string;
  /** What this Redis is used as, for logs and figures. Default `state`. */
  readonly role?: "state" | "cache";
  /** Name of the process, shown by CLIENT LIST. */
  readonly name?: string;
  /** Milliseconds for a call that sets none of its own. Default 1000 for state, 250 for cache. */
  readonly deadlineMs?: number;
  /** Refuse scripts whose keys lie in different slots. Default false. */
  readonly checkSlots?: boolean;
  /**
   * Say `"cluster"` where one endpoint stands before shards and enforces slots all the same (Redis Enterprise's
   * proxy, Azure's Enterprise clustering policy). Default: what the client is.
   */
  readonly topology?: IoredisPortOptions["topology"];
  /** As of `createRedisClient`. */
  readonly natMap?: RedisClientOptions["natMap"];
  /** How the subscriber connection is looked after. */
  readonly subscriptions?: SubscriberOptions;
  readonly telemetry?: Telemetry;
}

export interface RedisHealth {
  readonly ok: boolean;
  /** Milliseconds a PING took, when it was answered. */
  readonly latencyMs: number | null;
  /** Why not, in words for an operator. */
  readonly reason: string | null;
}

export interface RedisConnection {
  readonly port: RedisPort;
  /** Where it leads, without credentials. */
  readonly address: string;
  /** One PING within `deadlineMs` (default 500). Never throws. */
  health(deadlineMs?: number): Promise<RedisHealth>;
  /** Resolves at the first moment Redis can be used. */
  ready(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Connects to one node, a Sentinel group or a Cluster, and keeps trying until closed. Each connect, ready,
 * close, reconnecting, error and end is one count of `redis_connection_events_total`; the log tells of being
 * ready, of a loss, and every 10 s of a loss that lasts (see `reportConnection`). Passwords appear in neither.
 */
export function connectRedis(options: ConnectRedisOptions): RedisConnection {
  const target = typeof options.target === "string" ? parseRedisUrl(options.target) : options.target;
  const { role = "state", telemetry = noTelemetry, name, natMap } = options;
  const address = describeTarget(target);
  const watch = (client: Redis | Cluster, purpose: string) =>
    reportConnection(client, { telemetry, labels: { role, purpose }, address });

  const client = createRedisClient({ target, purpose: "commands", name, natMap });
  watch(client, "commands");
  const port = ioredisPort(client, {
    deadlineMs: options.deadlineMs ?? (role === "cache" ? 250 : 1_000),
    checkSlots: options.checkSlots ?? false,
    ...(options.topology === undefined ? {} : { topology: options.topology }),
    ...(options.subscriptions === undefined ? {} : { subscriptions: options.subscriptions }),
    telemetry,
    subscriber: () => {
      const subscriber = createRedisClient({
        target,
        purpose: "subscriber",
        natMap,
        name: name === undefined ? undefined : `${name}:subscriber`,
      });
      watch(subscriber, "subscriber");
      return subscriber;
    },
  });

  const close = async () => {
    await port.close();
    client.disconnect();
  };
  return {
    port,
    address,
    health: (deadlineMs = 500) => checkHealth(port, deadlineMs),
    ready: (signal) => untilReady(client, signal),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function checkHealth(port: RedisPort, deadlineMs: number): Promise<RedisHealth> {
  const startedAt = performance.now();
  try {
    await port.command("PING", [], [], { deadlineMs });
    return { ok: true, latencyMs: performance.now() - startedAt, reason: null };
  } catch (error) {
    return { ok: false, latencyMs: null, reason: error instanceof Error ? error.message : String(error) };
  }
}

function untilReady(client: Redis | Cluster, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (client.status === "ready") {
      resolve();
      return;
    }
    const settle = (finish: () => void) => () => {
      client.off("ready", onReady);
      client.off("end", onEnd);
      signal?.removeEventListener("abort", onAbort);
      finish();
    };
    const onReady = settle(resolve);
    const onEnd = settle(() => reject(new RedisUnavailable("the connection was closed")));
    const onAbort = settle(() => reject(signal?.reason as Error));
    client.once("ready", onReady);
    client.once("end", onEnd);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
