export type LiveTransport = "websocket" | "sse";

/**
 * - `idle`: nothing is subscribed, so there is nothing to be connected for.
 * - `connecting`: the first connection is on its way.
 * - `live`: every subscription is being served.
 * - `reconnecting`: it was live, was cut off, and is coming back by itself.
 * - `offline`: the machine says that it has no network.
 * - `closed`: `close()` was called; nothing will come back.
 */
export type ConnectionState = "idle" | "connecting" | "live" | "reconnecting" | "offline" | "closed";

export interface ConnectionSnapshot {
  readonly state: ConnectionState;
  readonly transport: LiveTransport;
  /** When `state` last changed. */
  readonly sinceMs: number;
  /** When the next attempt is due, while one is being waited for. */
  readonly retryAtMs: number | null;
}

/** The state of the live connection: read `snapshot`, or be told of every change. */
export interface Connection {
  readonly state: ConnectionState;
  /** The same object until something changes, so that it fits `useSyncExternalStore`. */
  readonly snapshot: ConnectionSnapshot;
  /** Calls back after every change; returns what ends that. */
  subscribe(listener: () => void): () => void;
}

/** `starting`: not served yet. `lost`: was served, or failed, and is being brought back. */
export type SubscriptionState = "starting" | "served" | "lost";

/** The state machine behind `Connection`, fed by the links. */
export class ConnectionTracker implements Connection {
  readonly #listeners = new Set<() => void>();
  readonly #subscriptions = new Map<symbol, SubscriptionState>();
  readonly #now: () => number;
  #snapshot: ConnectionSnapshot;
  #wasLive = false;
  #online = true;
  #closed = false;

  constructor(transport: LiveTransport, now: () => number = Date.now) {
    this.#now = now;
    this.#snapshot = { state: "idle", transport, sinceMs: now(), retryAtMs: null };
  }

  get state(): ConnectionState {
    return this.#snapshot.state;
  }

  get snapshot(): ConnectionSnapshot {
    return this.#snapshot;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setOnline(online: boolean): void {
    this.#online = online;
    this.#update({});
  }

  setTransport(transport: LiveTransport): void {
    this.#update({ transport });
  }

  setRetryAt(retryAtMs: number): void {
    this.#update({ retryAtMs });
  }

  set(subscription: symbol, state: SubscriptionState): void {
    this.#subscriptions.set(subscription, state);
    this.#update({});
  }

  remove(subscription: symbol): void {
    this.#subscriptions.delete(subscription);
    this.#update({});
  }

  close(): void {
    this.#closed = true;
    this.#update({});
  }

  #next(): ConnectionState {
    if (this.#closed) return "closed";
    if (!this.#online) return "offline";
    if (this.#subscriptions.size === 0) return "idle";
    const states = [...this.#subscriptions.values()];
    if (states.includes("lost")) return this.#wasLive ? "reconnecting" : "connecting";
    // One that is only starting makes the others no less live.
    return states.includes("served") ? "live" : "connecting";
  }

  #update(change: Partial<Pick<ConnectionSnapshot, "transport" | "retryAtMs">>): void {
    const state = this.#next();
    if (state === "live") this.#wasLive = true;
    if (state === "idle") this.#wasLive = false;
    const before = this.#snapshot;
    const waiting = state === "connecting" || state === "reconnecting";
    const after: ConnectionSnapshot = {
      state,
      transport: change.transport ?? before.transport,
      sinceMs: state === before.state ? before.sinceMs : this.#now(),
      retryAtMs: waiting ? (change.retryAtMs ?? before.retryAtMs) : null,
    };
    if (
      after.state === before.state &&
      after.transport === before.transport &&
      after.retryAtMs === before.retryAtMs
    ) {
      return;
    }
    this.#snapshot = after;
    for (const listener of this.#listeners) listener();
  }
}
