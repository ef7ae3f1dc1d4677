import { type Duration, toMs, toPositiveMs } from "./duration.ts";

/** How a port looks after its subscriber connection. */
export interface SubscriberOptions {
  /** How long a channel stays subscribed after its last handler left. Default `"5s"`. */
  readonly linger?: Duration;
  /** An idle subscriber hears nothing of a half-open socket, so it asks this often. Default `"10s"`. */
  readonly pingEvery?: Duration;
  /** A ping not answered by then ends the connection, and a new one is made. Default `"2s"`. */
  readonly pingWithin?: Duration;
  /**
   * Use sharded publish/subscribe on a Cluster that has it. Say false where other processes of the same deployment
   * cannot: those over node-redis, or behind a proxy. Who says otherwise does not hear the others. Default true.
   */
  readonly sharded?: boolean;
}

export interface SubscriberSettings {
  readonly lingerMs: number;
  readonly pingEveryMs: number;
  readonly pingWithinMs: number;
  readonly sharded: boolean;
}

export function subscriberSettings(options: SubscriberOptions = {}): SubscriberSettings {
  return {
    lingerMs: toMs(options.linger ?? "5s", "linger"),
    pingEveryMs: toPositiveMs(options.pingEvery ?? "10s", "pingEvery"),
    pingWithinMs: toPositiveMs(options.pingWithin ?? "2s", "pingWithin"),
    sharded: options.sharded ?? true,
  };
}

/** The pause before the next try to reach Redis: it grows to half a second, and never keeps step. */
export function subscriberRetryMs(attempt: number): number {
  const jitter = 0.5 + Math.random() / 2;
  return Math.min(500, attempt * 50) * jitter;
}
