import { Feed } from "../feed/feed.ts";
import type { FeedOptions } from "../feed/feed.ts";
import type { FeedSource, TopicHandlers, TopicRequest } from "../feed/feed-source.ts";
import { TabFeed } from "./tab-feed.ts";
import type { TabPlatform } from "./tab-platform.ts";

export interface MemberFeedOptions extends Pick<FeedOptions, "url" | "headers"> {
  /** Who is signed in, as far as this page knows; null: nobody, or it does not know. */
  readonly member: () => string | null;
  /** Null where tabs cannot find each other. */
  readonly platform: TabPlatform | null;
}

/**
 * The feed that the tabs of one member share. The server is told whose it must be, so a tab whose cookie has become
 * another member's gets nothing instead of his. When the member changes the tab leaves one group and joins the other.
 */
export class MemberFeed implements FeedSource {
  readonly #options: MemberFeedOptions;
  #member: string | null;
  #source: FeedSource;
  #open = 0;

  constructor(options: MemberFeedOptions) {
    this.#options = options;
    this.#member = options.member();
    this.#source = this.#create();
  }

  follow(request: TopicRequest, handlers: TopicHandlers): () => void {
    if (this.#open === 0) this.#move();
    this.#open += 1;
    let isOpen = true;
    const stop = this.#source.follow(request, handlers);
    return () => {
      if (isOpen) this.#open -= 1;
      isOpen = false;
      stop();
    };
  }

  restart(): void {
    if (!this.#move()) this.#source.restart();
  }

  close(): void {
    this.#source.close();
  }

  /** Leaves the group of another member. False: it is the same one. */
  #move(): boolean {
    const member = this.#options.member();
    if (member === this.#member) return false;
    this.#member = member;
    this.#source.close();
    this.#source = this.#create();
    return true;
  }

  #create(): FeedSource {
    const { url, headers, platform } = this.#options;
    const member = this.#member;
    if (member === null || platform === null) return new Feed({ url, headers, memberId: member });
    return new TabFeed({
      name: `cardinal-live ${url} ${member}`,
      platform,
      // The tabs gather what they want themselves.
      createFeed: () => new Feed({ url, headers, memberId: member, gatherMs: 0 }),
    });
  }
}
