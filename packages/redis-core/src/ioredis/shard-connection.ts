import { type Cluster, Redis } from "ioredis";
import type { SubscriberSettings } from "../subscriber-settings.ts";
import { keepAlive } from "./keep-alive.ts";

export interface ShardHandlers {
  onMessage(channel: string, message: string): void;
  /** The node has given slots away, and no longer sends what is published there. */
  onMoved(): void;
  /** Over for good; its channels need another. */
  onEnd(): void;
}

/** The subscriber connection to one master of a Cluster. It is never repaired, only replaced. */
export class ShardConnection {
  readonly #client: Redis;
  readonly #endPings: () => void;
  /** Called when the connection ends, for those who wait for it. */
  readonly #waiting = new Set<() => void>();
  #isEnded = false;

  constructor(cluster: Cluster, address: string, settings: SubscriberSettings, handlers: ShardHandlers) {
    const { username, password, tls } = cluster.options.redisOptions ?? {};
    const colon = address.lastIndexOf(":");
    const client = new Redis({
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls ? { tls } : {}),
      host: address.slice(0, colon),
      port: Number(address.slice(colon + 1)),
      protocol: 2,
      connectTimeout: 2_000,
      // A replica is ready too, and a node that has just lost its slots: who answers says where they are.
      enableReadyCheck: false,
      enableOfflineQueue: true,
      maxRetriesPerRequest: null,
      autoResubscribe: false,
      retryStrategy: () => null,
    });
    this.#client = client;
    client.on("error", () => {});
    client.on("smessage", (channel: string, message: string) => handlers.onMessage(channel, message));
    client.on("moved", () => handlers.onMoved());
    client.once("end", () => {
      this.#isEnded = true;
      this.#endPings();
      for (const giveUp of this.#waiting) {
        giveUp();
      }
      handlers.onEnd();
    });
    this.#endPings = keepAlive(client, settings, () => client.disconnect());
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The channels must be of one slot. */
  async subscribe(channels: readonly string[]): Promise<void> {
    const ended = Promise.withResolvers<never>();
    const giveUp = () => ended.reject(new Error("Connection is closed."));
    this.#waiting.add(giveUp);
    try {
      await Promise.race([this.#client.ssubscribe(...channels), ended.promise]);
    } finally {
      this.#waiting.delete(giveUp);
    }
  }

  async unsubscribe(channels: readonly string[]): Promise<void> {
    if (this.#client.status === "ready") {
      await this.#client.sunsubscribe(...channels);
    }
  }

  close(): void {
    this.#endPings();
    this.#client.disconnect();
  }
}
