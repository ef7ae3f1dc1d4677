import { setTimeout as delay } from "node:timers/promises";
import type { Cluster } from "ioredis";
import { RedisUnavailable } from "../errors.ts";
import { slotOfKey } from "../keyspace/key-slot.ts";
import type { Subscription, SubscriptionHandlers } from "../port.ts";
import { subscriberRetryMs, type SubscriberSettings } from "../subscriber-settings.ts";
import { SubscriptionTable } from "../subscription-table.ts";
import type { Telemetry } from "../telemetry.ts";
import { ShardConnection } from "./shard-connection.ts";
import { isServerError, toRefusal } from "./to-core-error.ts";

/**
 * Sharded subscriptions of a Cluster: one connection to each master that holds the slot of a channel. ioredis'
 * own follow a moved slot in silence, so nobody would learn that messages are gone; here every channel that had
 * to be subscribed anew is told.
 */
export class ShardedSubscriber {
  readonly #cluster: Cluster;
  readonly #settings: SubscriberSettings;
  readonly #table: SubscriptionTable;
  readonly #connections = new Map<string, ShardConnection>();
  /** Channel → the connection that is subscribed to it. */
  readonly #homes = new Map<string, ShardConnection>();
  #isClosed = false;

  constructor(cluster: Cluster, telemetry: Telemetry, settings: SubscriberSettings) {
    this.#cluster = cluster;
    this.#settings = settings;
    const transport = {
      subscribe: async (channels: readonly string[]) => {
        await this.#place(channels);
      },
      unsubscribe: (channels: readonly string[]) => this.#leave(channels),
    };
    this.#table = new SubscriptionTable(transport, telemetry, settings.lingerMs);
  }

  subscribe(channels: readonly string[], handlers: SubscriptionHandlers): Promise<Subscription> {
    return this.#table.add(channels, handlers);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#table.close();
    for (const connection of this.#connections.values()) {
      connection.close();
    }
    this.#connections.clear();
    this.#homes.clear();
    await Promise.resolve();
  }

  /** Subscribes each channel where its slot is, however long that takes; names those that were elsewhere. */
  async #place(channels: readonly string[]): Promise<string[]> {
    const moved: string[] = [];
    let rest = channels;
    for (let attempt = 1; rest.length > 0; attempt += 1) {
      if (this.#isClosed) {
        throw new RedisUnavailable("subscribe: the port is closed");
      }
      const groups = Map.groupBy(rest, slotOfKey);
      const placed = await Promise.all(
        [...groups].map(async ([slot, names]) => {
          const home = await this.#subscribeAt(slot, names);
          for (const name of home ? names : []) {
            if (this.#homes.get(name) !== home && home) {
              moved.push(name);
              this.#homes.set(name, home);
            }
          }
          return home ? [] : names;
        }),
      );
      rest = placed.flat().filter((name) => this.#table.has(name));
      if (rest.length > 0) {
        await delay(subscriberRetryMs(attempt), undefined, { ref: false });
        await this.#refreshSlots();
      }
    }
    return moved;
  }

  /** Null when the slot is not there, or its node does not answer. */
  async #subscribeAt(slot: number, names: readonly string[]): Promise<ShardConnection | null> {
    const address = this.#cluster.slots[slot]?.[0];
    if (address === undefined) {
      return null;
    }
    const connection = this.#connectionTo(address);
    try {
      await connection.subscribe(names);
      return connection.isEnded ? null : connection;
    } catch (error) {
      if (isServerError(error) && !/^(MOVED|ASK|CLUSTERDOWN|TRYAGAIN|LOADING|MASTERDOWN)\b/.test(error.message)) {
        return toRefusal(error);
      }
      return null;
    }
  }

  #connectionTo(address: string): ShardConnection {
    const existing = this.#connections.get(address);
    if (existing && !existing.isEnded) {
      return existing;
    }
    const connection = new ShardConnection(this.#cluster, address, this.#settings, {
      onMessage: (channel, message) => this.#table.deliver(channel, message),
      onMoved: () => void this.#rehome(connection),
      onEnd: () => {
        if (this.#connections.get(address) === connection) {
          this.#connections.delete(address);
        }
        void this.#rehome(connection);
      },
    });
    this.#connections.set(address, connection);
    return connection;
  }

  /** Asks again for everything a connection had: channels whose slot is still there simply stay. */
  async #rehome(connection: ShardConnection): Promise<void> {
    const names = [...this.#homes].flatMap(([name, home]) => (home === connection ? [name] : []));
    if (names.length === 0 || this.#isClosed) {
      return;
    }
    if (connection.isEnded) {
      for (const name of names) {
        this.#homes.delete(name);
      }
    }
    await this.#refreshSlots();
    try {
      this.#table.gap(await this.#place(names.filter((name) => this.#table.has(name))));
    } catch {
      // Closed, or refused from now on, of which the table's next restore would learn no more.
    }
  }

  async #leave(channels: readonly string[]): Promise<void> {
    const groups = Map.groupBy(channels, (name) => this.#homes.get(name));
    for (const name of channels) {
      this.#homes.delete(name);
    }
    await Promise.all(
      [...groups].flatMap(([home, names]) =>
        home ? [...Map.groupBy(names, slotOfKey).values()].map((each) => home.unsubscribe(each)) : [],
      ),
    );
  }

  #refreshSlots(): Promise<void> {
    return new Promise((resolve) => {
      this.#cluster.refreshSlotsCache(() => resolve());
    });
  }
}
