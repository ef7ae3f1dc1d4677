import type { FeedSource, TopicHandlers } from "../feed/feed-source.ts";
import type { TabMessage, TopicEvent, WantedTopic } from "./tab-messages.ts";

/** Events on their way to a tab; one that takes none is asleep, and what it misses waits with the server. */
const MOST_ON_THE_WAY = 512;

interface ServedTab {
  readonly deliver: (message: TabMessage) => void;
  /** What ends each topic; null for one that is over. */
  readonly topics: Map<string, (() => void) | null>;
  onTheWay: number;
}

/** What the leading tab does for all: holds the feed, with the topics of every tab in it. */
export class TabLeader {
  /** Names this term. */
  readonly term: string;
  readonly #feed: FeedSource;
  readonly #tabs = new Map<string, ServedTab>();

  constructor(term: string, feed: FeedSource) {
    this.term = term;
    this.#feed = feed;
  }

  hasTab(tab: string): boolean {
    return this.#tabs.has(tab);
  }

  /** All that a tab wants from now on; what goes on goes on. */
  want(tab: string, topics: readonly WantedTopic[], deliver: (message: TabMessage) => void): void {
    const served = this.#tabs.get(tab) ?? { deliver, topics: new Map(), onTheWay: 0 };
    this.#tabs.set(tab, served);
    const wanted = new Set(topics.map(({ key }) => key));
    for (const [key, stop] of served.topics) {
      if (wanted.has(key)) continue;
      served.topics.delete(key);
      stop?.();
    }
    for (const { key, ...request } of topics) {
      if (!served.topics.has(key)) served.topics.set(key, this.#feed.follow(request, this.#handlers(served, key)));
    }
  }

  /** The tab has taken so many events. */
  taken(tab: string, count: number): void {
    const served = this.#tabs.get(tab);
    if (served) served.onTheWay -= count;
  }

  /** The tab is gone. */
  drop(tab: string): void {
    const served = this.#tabs.get(tab);
    this.#tabs.delete(tab);
    if (served) this.#rest(served);
  }

  restart(): void {
    this.#feed.restart();
  }

  close(): void {
    this.#tabs.clear();
    this.#feed.close();
  }

  #handlers(served: ServedTab, key: string): TopicHandlers {
    const send = (event: TopicEvent) => this.#send(served, key, event);
    const over = (event: TopicEvent) => {
      if (served.topics.has(key)) served.topics.set(key, null);
      send(event);
    };
    return {
      onStarted: () => send({ type: "started" }),
      onData: (id, data) => send({ type: "data", id, data }),
      onLost: (why, retryAtMs) => send({ type: "lost", why, retryAtMs }),
      onError: (error) => over({ type: "error", error }),
      onEnd: () => over({ type: "end" }),
    };
  }

  #send(served: ServedTab, key: string, event: TopicEvent): void {
    served.onTheWay += 1;
    served.deliver({ kind: "event", leader: this.term, key, event });
    if (served.onTheWay < MOST_ON_THE_WAY) return;
    this.#rest(served);
    served.onTheWay = 0;
    served.deliver({ kind: "again", leader: this.term });
  }

  #rest({ topics }: ServedTab): void {
    const stops = [...topics.values()];
    topics.clear();
    for (const stop of stops) stop?.();
  }
}
