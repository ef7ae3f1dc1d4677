import type { Leaderboard } from "@cardinal/redis-core/leaderboard";
import type { Subscription } from "@cardinal/redis-core";
import type { AppDeps } from "../deps/app-deps.ts";
import type { LeaderboardOnChangeFrame } from "../routers/leaderboard/schemas.ts";

const ACKNOWLEDGED_WITHIN_MS = 1_500;
/** A day that turned, a season that began, points of an outage: looked for this often. */
const LOOK_EVERY_MS = 15_000;

/** A page of a board as it is sent. */
export interface BoardShowing {
  readonly id: string;
  readonly frame: LeaderboardOnChangeFrame;
  /** Equal for frames that show the same. */
  readonly text: string;
}

/** One board in this process: who waits for its changes, through one subscription. */
export class BoardTopic {
  readonly #wakes = new Set<() => void>();
  /** Answers shared by all streams that ask for the same page within one change. */
  readonly #pages = new Map<string, Promise<BoardShowing>>();
  readonly #subscription: Promise<Subscription>;
  readonly #look: NodeJS.Timeout;

  constructor(board: Leaderboard, log: AppDeps["log"]) {
    const changed = () => this.changed();
    this.#look = setInterval(changed, LOOK_EVERY_MS);
    this.#look.unref();
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

  /** One reading of a page between two changes, whoever asks. */
  page(name: string, read: () => Promise<BoardShowing>): Promise<BoardShowing> {
    let page = this.#pages.get(name);
    if (page === undefined) {
      page = read();
      this.#pages.set(name, page);
      page.catch(() => this.#pages.delete(name));
    }
    return page;
  }

  async close(): Promise<void> {
    clearInterval(this.#look);
    await this.#subscription.then((subscription) => subscription.close()).catch(() => undefined);
  }
}
