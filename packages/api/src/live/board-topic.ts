import type { Leaderboard } from "@cardinal/redis-core/leaderboard";
import type { Subscription } from "@cardinal/redis-core";
import type { AppDeps } from "../deps/app-deps.ts";

const ACKNOWLEDGED_WITHIN_MS = 1_500;
const PAGE_AGE_MS = 10_000;

/** One board in this process: who waits for its changes, through one subscription. */
export class BoardTopic {
  readonly #wakes = new Set<() => void>();
  /** Answers shared by all streams that ask for the same page within one change. */
  readonly #pages = new Map<string, { readonly page: Promise<unknown>; readonly readAtMs: number }>();
  #subscription: Promise<Subscription>;

  constructor(board: Leaderboard, log: AppDeps["log"]) {
    const changed = () => this.changed();
    this.#subscription = board.watch({ onChange: changed, onGap: changed });
    this.#subscription.then(changed, (error: unknown) => {
      log.warn({ err: error }, "live: no word of this board's changes; it is polled");
    });
  }

  /** Resolves when changes are heard of, or after a moment: streams poll as well. */
  static async open(board: Leaderboard, log: AppDeps["log"]): Promise<BoardTopic> {
    const topic = new BoardTopic(board, log);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ACKNOWLEDGED_WITHIN_MS);
    await Promise.race([topic.#subscription.then(() => resolve(), () => resolve()), late]);
    clearTimeout(timer);
    return topic;
  }

  follow(wake: () => void): () => void {
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  changed(): void {
    this.#pages.clear();
    for (const wake of this.#wakes) {
      wake();
    }
  }

  /** One reading of a page between two changes, at most every 10 s, whoever asks. */
  async page<T>(name: string, read: () => Promise<T>): Promise<T> {
    const nowMs = performance.now();
    const shared = this.#pages.get(name);
    if (shared && nowMs - shared.readAtMs < PAGE_AGE_MS) {
      return (await shared.page) as T;
    }
    const page = read();
    this.#pages.set(name, { page, readAtMs: nowMs });
    page.catch(() => this.#pages.delete(name));
    return await page;
  }

  async close(): Promise<void> {
    await this.#subscription.then((subscription) => subscription.close()).catch(() => undefined);
  }
}
