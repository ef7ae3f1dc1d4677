/** Something that many streams of this process follow through one subscription. */
export interface Topic {
  close(): Promise<void> | void;
}

export interface TopicLease<T> {
  readonly topic: T;
  /** Call it once; the topic closes when nobody has held it for a while. */
  release(): void;
}

interface Entry<T> {
  readonly topic: Promise<T>;
  holders: number;
  linger: NodeJS.Timeout | undefined;
}

/** Topics by name, opened for the first holder, shared, and closed some time after the last: tabs flap. */
export class TopicRegistry<T extends Topic> {
  readonly #open: (name: string) => Promise<T>;
  readonly #lingerMs: number;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(open: (name: string) => Promise<T>, lingerMs: number) {
    this.#open = open;
    this.#lingerMs = lingerMs;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many streams hold a topic. */
  get holders(): number {
    return [...this.#entries.values()].reduce((sum, { holders }) => sum + holders, 0);
  }

  /** The topics that are open. */
  async all(): Promise<T[]> {
    const settled = await Promise.allSettled([...this.#entries.values()].map(({ topic }) => topic));
    return settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  }

  async hold(name: string): Promise<TopicLease<T>> {
    let entry = this.#entries.get(name);
    if (!entry) {
      entry = { topic: this.#open(name), holders: 0, linger: undefined };
      this.#entries.set(name, entry);
    }
    const held = entry;
    clearTimeout(held.linger);
    held.holders += 1;
    let isReleased = false;
    const release = () => {
      if (!isReleased) {
        isReleased = true;
        this.#release(name, held);
      }
    };
    try {
      return { topic: await held.topic, release };
    } catch (error) {
      // It could not be opened: the next holder tries anew.
      if (this.#entries.get(name) === held) {
        this.#entries.delete(name);
      }
      throw error;
    }
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const entry of entries) {
      clearTimeout(entry.linger);
      await entry.topic.then((topic) => topic.close()).catch(() => undefined);
    }
  }

  #release(name: string, entry: Entry<T>): void {
    entry.holders -= 1;
    if (entry.holders > 0 || this.#entries.get(name) !== entry) {
      return;
    }
    entry.linger = setTimeout(() => {
      if (entry.holders === 0 && this.#entries.get(name) === entry) {
        this.#entries.delete(name);
        void entry.topic.then((topic) => topic.close()).catch(() => undefined);
      }
    }, this.#lingerMs);
    entry.linger.unref();
  }
}
