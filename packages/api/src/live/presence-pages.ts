import type { PresenceConnection } from "@cardinal/redis-core/presence";
import type { Channel, ChannelSubscription } from "@cardinal/redis-core/channel";
import type { Log } from "../context/log.ts";
import type { PageState } from "../deps/doorbells.ts";

/** What of a presence connection is used here. */
type Updatable = Pick<PresenceConnection<undefined>, "update">;

/**
 * The pages that are present through this process. A page says whether its member is active over HTTP, which may reach
 * another process than its streams do; so every process hears all of them, over one channel, and knows its own.
 */
export class PresencePages {
  readonly #channel: Channel<PageState>;
  readonly #log: Log;
  readonly #connections = new Map<string, Set<Updatable>>();
  /** The last word of pages whose streams are here, for those they open later. */
  readonly #states = new Map<string, PageState["state"]>();
  #subscribing: Promise<ChannelSubscription> | undefined;

  constructor(channel: Channel<PageState>, log: Log) {
    this.#channel = channel;
    this.#log = log;
  }

  /** The last word of a page that has streams here, so that the next one does not begin as active. */
  stateOf(userId: string, page: string): PageState["state"] | undefined {
    return this.#states.get(`${userId} ${page}`);
  }

  /** From now on the page's state is the connection's. Returns what ends that. */
  attach(userId: string, page: string, connection: Updatable): () => void {
    this.#subscribing ??= this.#subscribe();
    const key = `${userId} ${page}`;
    const connections = this.#connections.get(key) ?? new Set();
    this.#connections.set(key, connections.add(connection));
    const state = this.#states.get(key);
    if (state !== undefined) {
      this.#update(connection, state);
    }
    return () => {
      connections.delete(connection);
      if (connections.size === 0 && this.#connections.get(key) === connections) {
        this.#connections.delete(key);
        this.#states.delete(key);
      }
    };
  }

  async close(): Promise<void> {
    const subscribing = this.#subscribing;
    this.#subscribing = undefined;
    await subscribing?.then((subscription) => subscription.close()).catch(() => undefined);
  }

  #subscribe(): Promise<ChannelSubscription> {
    const subscribing = this.#channel.subscribe(({ userId, page, state }) => {
      const key = `${userId} ${page}`;
      const connections = this.#connections.get(key);
      if (connections) {
        this.#states.set(key, state);
        connections.forEach((connection) => this.#update(connection, state));
      }
    });
    subscribing.catch((error: unknown) => {
      this.#log.warn({ err: error }, "live: nobody's activity is heard");
      this.#subscribing = undefined;
    });
    return subscribing;
  }

  #update(connection: Updatable, state: PageState["state"]): void {
    connection.update({ state }).catch((error: unknown) => {
      this.#log.debug({ err: error }, "live: a page's activity could not be noted");
    });
  }
}
