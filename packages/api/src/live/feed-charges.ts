import { createHash } from "node:crypto";

const KEPT_MS = 60_000;

/**
 * Which topics a caller has paid for lately. A feed is opened anew whenever one of its topics comes or goes; opening
 * the others again within a minute is then not counted as subscribing. What is remembered was charged, so the limit
 * itself bounds it.
 */
export class FeedCharges {
  readonly #now: () => number;
  readonly #owners = new Map<string, Map<string, number>>();
  #sweepAtMs = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many are remembered. */
  get size(): number {
    return [...this.#owners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  isPaid(owner: string, topic: string): boolean {
    return (this.#owners.get(owner)?.get(topic) ?? 0) > this.#now();
  }

  note(owner: string, topic: string): void {
    const nowMs = this.#now();
    if (nowMs >= this.#sweepAtMs) {
      this.#sweepAtMs = nowMs + KEPT_MS;
      this.#sweep(nowMs);
    }
    const topics = this.#owners.get(owner) ?? new Map<string, number>();
    this.#owners.set(owner, topics.set(topic, nowMs + KEPT_MS));
  }

  #sweep(nowMs: number): void {
    for (const [owner, topics] of this.#owners) {
      for (const [topic, untilMs] of topics) {
        if (untilMs <= nowMs) {
          topics.delete(topic);
        }
      }
      if (topics.size === 0) {
        this.#owners.delete(owner);
      }
    }
  }
}

/** Names a topic in few bytes, whatever its input. */
export function topicFingerprint(path: string, input: unknown): string {
  return createHash("sha256")
    .update(`${path} ${JSON.stringify(input) ?? ""}`)
    .digest("base64url");
}
