import { setTimeout as delay } from "node:timers/promises";
import { ErrorReply } from "redis";
import { Misuse, RedisUnavailable } from "../errors.ts";
import type { Subscription, SubscriptionHandlers } from "../port.ts";
import { toReplyError } from "../reply-error.ts";
import { SubscriptionTable } from "../subscription-table.ts";
import type { Telemetry } from "../telemetry.ts";
import type { NodeRedisClient } from "./node-redis-client.ts";

const retryPauseMs = 50;

/** The one subscriber connection of a port, opened at the first subscription. */
export class NodeRedisSubscriber {
  readonly #connect: () => NodeRedisClient;
  readonly #table: SubscriptionTable;
  readonly #deliver = (message: string, channel: string) => this.#table.deliver(channel, message);
  #client: NodeRedisClient | undefined;
  #connected: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(connect: () => NodeRedisClient, telemetry: Telemetry, lingerMs: number) {
    this.#connect = connect;
    const transport = {
      subscribe: (channels: readonly string[]) => this.#subscribe([...channels]),
      unsubscribe: async (channels: readonly string[]) => {
        if (this.#client?.isReady === true) {
          await this.#client.unsubscribe([...channels], this.#deliver);
        }
      },
    };
    this.#table = new SubscriptionTable(transport, telemetry, lingerMs);
  }

  subscribe(channels: readonly string[], handlers: SubscriptionHandlers): Promise<Subscription> {
    return this.#table.add(channels, handlers);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#table.close();
    this.#client?.destroy();
    this.#client = undefined;
    await Promise.resolve();
  }

  /** Waits for Redis as long as it takes: a connection that breaks before the acknowledgement is made anew. */
  async #subscribe(channels: string[]): Promise<void> {
    for (;;) {
      if (this.#closed) {
        throw new RedisUnavailable("subscribe: not sent: the port is closed");
      }
      try {
        const client = this.#open();
        await this.#connected;
        await client.subscribe(channels, this.#deliver);
        return;
      } catch (error) {
        if (error instanceof ErrorReply) {
          throw toReplyError(error.message, "subscribe", { cause: error });
        }
        if (error instanceof Misuse) {
          throw error;
        }
      }
      await delay(retryPauseMs);
    }
  }

  #open(): NodeRedisClient {
    if (this.#client) {
      return this.#client;
    }
    const client = this.#connect();
    this.#client = client;
    // The owner of the deployment's connections logs their errors; these only must not throw them.
    client.on("error", () => {
      if (!client.isOpen && this.#client === client) {
        // Its node is gone for good, and it gave up: another one hears the same messages.
        this.#client = undefined;
        void this.#table.restore();
      }
    });
    let isFirst = true;
    client.on("ready", () => {
      if (isFirst) {
        isFirst = false;
      } else {
        // node-redis has subscribed again by itself; what is new here is the gap.
        void this.#table.restore();
      }
    });
    this.#connected = client.connect();
    this.#connected.catch(() => {
      // Ended for good, by its strategy or from outside: the next try makes another.
      if (this.#client === client) {
        this.#client = undefined;
      }
    });
    return client;
  }
}
