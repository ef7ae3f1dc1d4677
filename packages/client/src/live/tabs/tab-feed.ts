import type { FeedSource, TopicHandlers, TopicRequest } from "../feed/feed-source.ts";
import { TabLeader } from "./tab-leader.ts";
import type { CommonMessage, TabMessage, TopicEvent, WantedTopic } from "./tab-messages.ts";
import type { TabChannel, TabPlatform } from "./tab-platform.ts";

const GATHER_MS = 100;
const LOOK_EVERY_MS = 3_000;
/** So many looks without an answer, and the leader is taken for frozen. */
const MOST_UNANSWERED = 2;
const TELL_EVERY = 64;
const RESTART_EVERY_MS = 1_000;
const RETRY_MS = 1_000;

export interface TabFeedOptions {
  /** What tabs that share have in common, and no others. */
  readonly name: string;
  readonly platform: TabPlatform;
  /** Makes the feed, in the tab that leads. */
  readonly createFeed: () => FeedSource;
  readonly lookEveryMs?: number;
}

interface Topic {
  readonly request: TopicRequest;
  readonly handlers: TopicHandlers;
  cursor: string | undefined;
  isServed: boolean;
}

/**
 * A feed that the tabs of a browser share: one of them leads and holds it, for all.
 *
 * Who leads is who has a Web Lock; the browser passes it on when that tab is closed or crashes, and a tab that hears
 * nothing from a frozen leader takes it. Whoever comes to lead says so under a new name. The others then tell it what
 * they want, each topic from the last frame they got themselves, and listen to nobody else: so no frame is missing and
 * none comes twice. A tab's own lock tells the leader when it is gone.
 */
export class TabFeed implements FeedSource {
  readonly #options: TabFeedOptions;
  readonly #tab = crypto.randomUUID();
  readonly #topics = new Map<string, Topic>();
  readonly #stopWatching: () => void;
  #names = 0;
  #common: TabChannel | null = null;
  #own: TabChannel | null = null;
  /** Ends this tab's part: its locks and what it waits for. */
  #leaving: AbortController | null = null;
  /** Held so that others see it is there; until then it says nothing. */
  #isHere = false;
  /** The term of whom it listens to, itself perhaps. */
  #leader: string | null = null;
  #lead: TabLeader | null = null;
  /** Of the tabs it leads. */
  readonly #channels = new Map<string, TabChannel>();
  #untold = 0;
  #unanswered = 0;
  #restartedAtMs = 0;
  #telling: ReturnType<typeof setTimeout> | undefined;
  #looking: ReturnType<typeof setInterval> | undefined;

  constructor(options: TabFeedOptions) {
    this.#options = options;
    this.#join();
    this.#stopWatching = options.platform.watchSleep({ onSleep: () => this.#leave(), onWake: () => this.#join() });
  }

  /** Whether this tab holds the feed. */
  get isLeading(): boolean {
    return this.#lead !== null;
  }

  follow(request: TopicRequest, handlers: TopicHandlers): () => void {
    this.#names += 1;
    const key = this.#names.toString(36);
    this.#topics.set(key, { request, handlers, cursor: request.lastEventId, isServed: false });
    this.#tellSoon();
    return () => {
      if (this.#topics.delete(key)) this.#tellSoon();
    };
  }

  restart(): void {
    if (this.#lead) this.#restartFeed();
    else if (this.#leader !== null) this.#post({ kind: "restart", leader: this.#leader });
  }

  close(): void {
    this.#topics.clear();
    this.#stopWatching();
    this.#leave();
  }

  #join(): void {
    if (this.#leaving) return;
    const { name, platform, lookEveryMs = LOOK_EVERY_MS } = this.#options;
    const leaving = new AbortController();
    const { signal } = leaving;
    this.#leaving = leaving;
    this.#common = platform.createChannel(name, (message) => this.#onCommon(message as CommonMessage));
    this.#own = platform.createChannel(this.#lockOf(this.#tab), (message) => this.#onOwn(message as TabMessage));
    this.#looking = setInterval(() => this.#look(), lookEveryMs);
    void this.#hold(this.#lockOf(this.#tab), { signal }, signal, () => {
      this.#isHere = true;
      if (this.#leader === null) this.#post({ kind: "who" });
      else this.#tell();
    });
    this.#stand({ signal });
  }

  #leave(): void {
    this.#leaving?.abort();
    this.#leaving = null;
    clearInterval(this.#looking);
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#stepDown();
    this.#isHere = false;
    this.#common?.close();
    this.#own?.close();
    this.#common = null;
    this.#own = null;
  }

  #lockOf(tab: string): string {
    return `${this.#options.name}:${tab}`;
  }

  /** Holds a lock from when it is granted until `leaving`. Resolves when it is held no more. */
  async #hold(
    lock: string,
    options: { signal?: AbortSignal; steal?: boolean },
    leaving: AbortSignal,
    onHeld: () => void,
  ): Promise<void> {
    try {
      await this.#options.platform.locks.request(lock, options, async () => {
        if (leaving.aborted) return;
        onHeld();
        await new Promise<void>((resolve) => leaving.addEventListener("abort", () => resolve(), { once: true }));
      });
    } catch {
      // Given up while waiting for it, or taken away.
    }
  }

  /** Waits for the lead, or takes it; again whenever it was taken away. */
  #stand(how: { signal: AbortSignal } | { steal: true }): void {
    const leaving = this.#leaving?.signal;
    if (!leaving) return;
    let term: string | undefined;
    void this.#hold(`${this.#options.name}:leader`, how, leaving, () => {
      term = this.#begin();
    }).then(() => {
      if (leaving.aborted) return;
      if (term !== undefined && this.#lead?.term === term) this.#stepDown();
      // One that took the lead has still its turn in the queue.
      if ("steal" in how) return;
      // Never held and not given up: the browser would not hear of it.
      if (term === undefined) setTimeout(() => this.#stand({ signal: leaving }), RETRY_MS);
      else this.#stand({ signal: leaving });
    });
  }

  #begin(): string {
    const term = crypto.randomUUID();
    this.#lead?.close();
    this.#lead = new TabLeader(term, this.#options.createFeed());
    // The others are told first: what they want then leaves with what is wanted here.
    this.#post({ kind: "lead", leader: term });
    this.#leader = term;
    this.#untold = 0;
    this.#tellSoon();
    return term;
  }

  #stepDown(): void {
    this.#lead?.close();
    this.#lead = null;
    this.#leader = null;
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
  }

  /** From now on only this leader is listened to. */
  #follow(leader: string): void {
    this.#leader = leader;
    this.#untold = 0;
    this.#unanswered = 0;
    this.#tell();
  }

  #tellSoon(): void {
    this.#telling ??= setTimeout(() => this.#tell(), GATHER_MS);
  }

  /** Tells the leader all that is wanted, from where each topic stands. */
  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    const topics = [...this.#topics].map(
      ([key, { request, cursor }]): WantedTopic => ({
        key,
        path: request.path,
        input: request.input,
        lastEventId: cursor,
      }),
    );
    if (this.#lead) this.#lead.want(this.#tab, topics, (message) => this.#onOwn(message));
    else if (this.#leader !== null && this.#isHere) {
      this.#post({ kind: "want", leader: this.#leader, tab: this.#tab, topics });
    }
  }

  #onCommon(message: CommonMessage): void {
    switch (message.kind) {
      case "lead":
        if (message.leader === this.#leader) return;
        // It has the lock: whoever led before does no more.
        this.#stepDown();
        this.#follow(message.leader);
        return;
      case "who":
        if (this.#lead) this.#post({ kind: "lead", leader: this.#lead.term });
        return;
      default:
        if (this.#lead && message.leader === this.#lead.term) this.#serve(this.#lead, message);
    }
  }

  #serve(lead: TabLeader, message: Exclude<CommonMessage, { kind: "lead" | "who" }>): void {
    switch (message.kind) {
      case "want":
        if (!lead.hasTab(message.tab)) this.#watchTab(lead, message.tab);
        lead.want(message.tab, message.topics, this.#sender(lead, message.tab));
        return;
      case "taken":
        lead.taken(message.tab, message.count);
        return;
      case "ping":
        this.#sender(lead, message.tab)({ kind: "pong", leader: lead.term });
        return;
      case "restart":
        this.#restartFeed();
    }
  }

  #sender(lead: TabLeader, tab: string): (message: TabMessage) => void {
    return (message) => {
      if (this.#lead !== lead) return;
      const channel = this.#channels.get(tab) ?? this.#options.platform.createChannel(this.#lockOf(tab));
      this.#channels.set(tab, channel);
      channel.postMessage(message);
    };
  }

  /** The tab's own lock is free when it is gone. */
  #watchTab(lead: TabLeader, tab: string): void {
    const leaving = this.#leaving?.signal;
    if (!leaving) return;
    void this.#options.platform.locks
      .request(this.#lockOf(tab), { signal: leaving }, async () => {
        if (this.#lead === lead) lead.drop(tab);
        this.#channels.get(tab)?.close();
        this.#channels.delete(tab);
      })
      .catch(() => undefined);
  }

  #onOwn(message: TabMessage): void {
    if (message.leader !== this.#leader) return;
    this.#unanswered = 0;
    if (message.kind === "again") this.#tell();
    if (message.kind !== "event") return;
    this.#untold += 1;
    if (this.#untold >= TELL_EVERY) this.#tellTaken(message.leader);
    const topic = this.#topics.get(message.key);
    if (topic) this.#apply(message.key, topic, message.event);
  }

  #tellTaken(leader: string): void {
    const count = this.#untold;
    this.#untold = 0;
    if (this.#lead) this.#lead.taken(this.#tab, count);
    else this.#post({ kind: "taken", leader, tab: this.#tab, count });
  }

  #apply(key: string, topic: Topic, event: TopicEvent): void {
    const { handlers } = topic;
    if ((event.type === "started" || event.type === "data") && !topic.isServed) {
      topic.isServed = true;
      handlers.onStarted();
    }
    switch (event.type) {
      case "started":
        return;
      case "data":
        topic.cursor = event.id;
        handlers.onData(event.id, event.data);
        return;
      case "lost":
        topic.isServed = false;
        handlers.onLost(event.why, event.retryAtMs);
        return;
      case "error":
        this.#topics.delete(key);
        handlers.onError(event.error);
        return;
      case "end":
        this.#topics.delete(key);
        handlers.onEnd();
    }
  }

  /** Is the leader awake? One that does not answer is relieved. */
  #look(): void {
    if (this.#lead || !this.#isHere || this.#topics.size === 0) return;
    if (this.#unanswered >= MOST_UNANSWERED) {
      this.#unanswered = 0;
      this.#stand({ steal: true });
      return;
    }
    this.#unanswered += 1;
    if (this.#leader === null) this.#post({ kind: "who" });
    else this.#post({ kind: "ping", leader: this.#leader, tab: this.#tab });
  }

  /** All tabs hear at once that the network is back. */
  #restartFeed(): void {
    if (Date.now() - this.#restartedAtMs < RESTART_EVERY_MS) return;
    this.#restartedAtMs = Date.now();
    this.#tell();
    this.#lead?.restart();
  }

  #post(message: CommonMessage): void {
    this.#common?.postMessage(message);
  }
}
