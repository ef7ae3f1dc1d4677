import { type Cluster, Redis } from "ioredis";
import type { Subscription, SubscriptionHandlers } from "../port.ts";
import { SubscriptionTable } from "../subscription-table.ts";
import type { Telemetry } from "../telemetry.ts";

/** An idle subscriber hears nothing of a half-open socket, so it asks. */
const pingEveryMs = 10_000;
const pingWithinMs = 2_000;

/** The one subscriber connection of a port, opened at the first subscription. */
export class IoredisSubscriber {
  readonly #connect: () => Redis | Cluster;
  readonly #table: SubscriptionTable;
  #client: Redis | Cluster | undefined;
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
    this.#client = undefined;
    await Promise.resolve();
  }

  #open(): Redis | Cluster {
    if (this.#client) {
      return this.#client;
    }
    const client = this.#connect();
    this.#client = client;
    client.on("message", (channel: string, message: string) => this.#table.deliver(channel, message));
    // The owner of the deployment's connections logs their errors; this one only must not throw them.
    client.on("error", () => {});
    // One node: `ready` again after a loss. Cluster: the node that carries the subscription changed.
    let first = true;
    client.on(client instanceof Redis ? "ready" : "+subscriber", () => {
      if (first) {
        first = false;
      } else {
        void this.#table.restore();
      }
    });
    if (client instanceof Redis) {
      this.#ping = setInterval(() => void checkAlive(client), pingEveryMs);
      this.#ping.unref();
    }
    return client;
  }
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
