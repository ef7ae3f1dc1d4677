import type { CoreContext } from "../context.ts";
import type { Labels, Telemetry } from "../telemetry.ts";

export type RequestOutcome = "l1_hit" | "hit" | "stale" | "miss" | "wait" | "bypass";
export type FillOutcome = "stored" | "fenced" | "skipped" | "too_large" | "unavailable";

interface OfKey {
  readonly key: string;
}

/** What happens in a namespace, with what its listeners are told. */
export interface CacheEventMap {
  readonly hit: OfKey & { readonly tier: "l1" | "l2" };
  readonly stale: OfKey;
  readonly miss: OfKey;
  /** A miss that another process' load answered. */
  readonly wait: OfKey;
  /** Redis was not asked, or could not be. */
  readonly bypass: OfKey;
  readonly fill: OfKey;
  /** A value was not stored because something was invalidated since its load began. */
  readonly fenced: OfKey;
  /** A value was not stored because it has no time to live, is too large, or Redis did not take it. */
  readonly unstored: OfKey & { readonly reason: "skipped" | "too_large" | "unavailable" };
  readonly loadFailed: OfKey & { readonly error: unknown; readonly inBackground: boolean };
  /** Bytes in Redis that are no value of this namespace: foreign, corrupt, or refused by the schema. */
  readonly undecodable: OfKey;
}

type Listeners = { readonly [E in keyof CacheEventMap]: Set<(details: CacheEventMap[E]) => void> };

/** A namespace's figures, and its events for those who listen. */
export class CacheReport {
  readonly #telemetry: Telemetry;
  readonly #ns: string;
  readonly #byNamespace: Labels;
  readonly #requests: Readonly<Record<RequestOutcome, Labels>>;
  readonly #fills: Readonly<Record<FillOutcome, Labels>>;
  #listeners: Listeners | undefined;

  constructor({ telemetry }: CoreContext, ns: string) {
    this.#telemetry = telemetry;
    this.#ns = ns;
    this.#byNamespace = { ns };
    const by = (outcome: RequestOutcome | FillOutcome): Labels => ({ ns, outcome });
    this.#requests = {
      l1_hit: by("l1_hit"),
      hit: by("hit"),
      stale: by("stale"),
      miss: by("miss"),
      wait: by("wait"),
      bypass: by("bypass"),
    };
    this.#fills = {
      stored: by("stored"),
      fenced: by("fenced"),
      skipped: by("skipped"),
      too_large: by("too_large"),
      unavailable: by("unavailable"),
    };
  }

  on<E extends keyof CacheEventMap>(event: E, listener: (details: CacheEventMap[E]) => void): () => void {
    this.#listeners ??= noListeners();
    const listeners = this.#listeners[event];
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  request(outcome: RequestOutcome, key: string): void {
    this.#telemetry.count("cache_requests_total", this.#requests[outcome]);
    if (this.#listeners) {
      if (outcome === "l1_hit" || outcome === "hit") {
        this.#emit("hit", { key, tier: outcome === "hit" ? "l2" : "l1" });
      } else {
        this.#emit(outcome, { key });
      }
    }
  }

  fill(outcome: FillOutcome, key: string): void {
    this.#telemetry.count("cache_fills_total", this.#fills[outcome]);
    if (this.#listeners) {
      if (outcome === "stored" || outcome === "fenced") {
        this.#emit(outcome === "stored" ? "fill" : "fenced", { key });
      } else {
        this.#emit("unstored", { key, reason: outcome });
      }
    }
  }

  undecodable(key: string): void {
    this.#telemetry.count("cache_undecodable_total", this.#byNamespace);
    this.#emit("undecodable", { key });
  }

  loaded(ms: number): void {
    this.#telemetry.observe("cache_load_duration_seconds", ms / 1_000, this.#byNamespace);
  }

  loadFailed(key: string, error: unknown, inBackground: boolean): void {
    this.#telemetry.count("cache_load_failures_total", this.#byNamespace);
    if (inBackground) {
      this.#telemetry.log("warn", "cache_refresh_failed", { ns: this.#ns, error: String(error) });
    }
    this.#emit("loadFailed", { key, error, inBackground });
  }

  unavailable(error: unknown): void {
    this.#telemetry.count("cache_unavailable_total", this.#byNamespace);
    this.#telemetry.log("warn", "cache_unavailable", { ns: this.#ns, error: String(error) });
  }

  #emit<E extends keyof CacheEventMap>(event: E, details: CacheEventMap[E]): void {
    const listeners = this.#listeners?.[event];
    for (const listener of listeners ?? []) {
      try {
        listener(details);
      } catch (error) {
        // A listener that throws must not fail the read it was told of.
        this.#telemetry.log("error", "cache_listener_failed", { ns: this.#ns, event, error: String(error) });
      }
    }
  }
}

function noListeners(): Listeners {
  return {
    hit: new Set(),
    stale: new Set(),
    miss: new Set(),
    wait: new Set(),
    bypass: new Set(),
    fill: new Set(),
    fenced: new Set(),
    unstored: new Set(),
    loadFailed: new Set(),
    undecodable: new Set(),
  };
}
