import { type Cluster, Redis } from "ioredis";
import type { Subscription, SubscriptionHandlers } from "../port.ts";
import { SubscriptionTable } from "../subscription-table.ts";
import type { Telemetry } from "../telemetry.ts";
import { createClusterSubscriber } from "./cluster-subscriber.ts";

/** An idle subscriber hears nothing of a half-open socket, so it asks. */
const pingEveryMs = 10_000;
const pingWithinMs = 2_000;
const longestRetryMs = 500;

/** The one subscriber connection of a port, opened at the first subscription. */
export class IoredisSubscriber {
  readonly #connect: () => Redis | Cluster;
  readonly #table: SubscriptionTable;
  #client: Redis | undefined;
  /** Where it is one: tells which nodes there are. */
  #cluster: Cluster | undefined;
  #ping: NodeJS.Timeout | undefined;

  constructor(connect: () => Redis | Cluster, telemetry: Telemetry) {
    this.#connect = connect;
    const transport = {
      subscribe: async (channels: readonly string[]) => {
        await this.#open().subscribe(...channels);
      },
      unsubscribe: async (channels: readonly string[]) => {
        if (this.#client?.status === "ready") {
          await this.#client.unsubscribe(...channels);
        }
      },
    };
    this.#table = new SubscriptionTable(transport, telemetry);
  }

  subscribe(channels: readonly string[], handlers: SubscriptionHandlers): Promise<Subscription> {
    return this.#table.add(channels, handlers);
  }

  async close(): Promise<void> {
    clearInterval(this.#ping);
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
    const client = connected instanceof Redis ? connected : createClusterSubscriber(connected, retryDelayMs);
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
    this.#ping = setInterval(() => void checkAlive(client), pingEveryMs);
    this.#ping.unref();
    return client;
  }
}

function retryDelayMs(attempt: number): number {
  const jitter = 0.5 + Math.random() / 2;
  return Math.min(longestRetryMs, attempt * 50) * jitter;
}

async function checkAlive(client: Redis): Promise<void> {
  if (client.status !== "ready") {
    return;
  }
  const stalled = setTimeout(() => client.disconnect(true), pingWithinMs);
  try {
    await client.ping();
  } catch {
    // A failed ping is a connection already on its way back.
  } finally {
    clearTimeout(stalled);
  }
}
