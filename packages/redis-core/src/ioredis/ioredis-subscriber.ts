import { type Cluster, Redis } from "ioredis";
import { RedisUnavailable } from "../errors.ts";
import type { Subscription, SubscriptionHandlers } from "../port.ts";
import { subscriberRetryMs, type SubscriberSettings } from "../subscriber-settings.ts";
import { SubscriptionTable } from "../subscription-table.ts";
import type { Telemetry } from "../telemetry.ts";
import { createClusterSubscriber } from "./cluster-subscriber.ts";
import { keepAlive } from "./keep-alive.ts";
import { toRefusal } from "./to-core-error.ts";

/** The one subscriber connection of a port, opened at the first subscription. */
export class IoredisSubscriber {
  readonly #connect: () => Redis | Cluster;
  readonly #settings: SubscriberSettings;
  readonly #table: SubscriptionTable;
  #client: Redis | undefined;
  /** Where it is one: tells which nodes there are. */
  #cluster: Cluster | undefined;
  #endPings = () => {};

  constructor(connect: () => Redis | Cluster, telemetry: Telemetry, settings: SubscriberSettings) {
    this.#connect = connect;
    this.#settings = settings;
    const transport = {
      subscribe: async (channels: readonly string[]) => {
        const client = this.#open();
        try {
          await client.subscribe(...channels);
        } catch (error) {
          if (client.status === "end") {
            throw new RedisUnavailable("subscribe: the subscriber connection has ended", { cause: error });
          }
          toRefusal(error);
        }
      },
      unsubscribe: async (channels: readonly string[]) => {
        if (this.#client?.status === "ready") {
          await this.#client.unsubscribe(...channels);
        }
      },
    };
    this.#table = new SubscriptionTable(transport, telemetry, settings.lingerMs);
  }

  subscribe(channels: readonly string[], handlers: SubscriptionHandlers): Promise<Subscription> {
    return this.#table.add(channels, handlers);
  }

  async close(): Promise<void> {
    this.#endPings();
    this.#table.close();
    this.#client?.disconnect();
    this.#cluster?.disconnect();
    this.#client = undefined;
    this.#cluster = undefined;
    await Promise.resolve();
  }

  #open(): Redis {
    if (this.#client) {
      return this.#client;
    }
    const connected = this.#connect();
    // The owner of the deployment's connections logs their errors; these only must not throw them.
    connected.on("error", () => {});
    this.#cluster = connected instanceof Redis ? undefined : connected;
    const client =
      connected instanceof Redis ? connected : createClusterSubscriber(connected, subscriberRetryMs);
    this.#client = client;
    client.on("message", (channel: string, message: string) => this.#table.deliver(channel, message));
    client.on("error", () => {});
    let isFirst = true;
    client.on("ready", () => {
      if (isFirst) {
        isFirst = false;
      } else {
        void this.#table.restore();
      }
    });
    this.#endPings = keepAlive(client, this.#settings, () => client.disconnect(true));
    return client;
  }
}
