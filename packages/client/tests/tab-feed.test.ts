import { randomUUID } from "node:crypto";
import { afterEach, expect, it } from "vitest";
import type { FeedSource, TopicHandlers, TopicRequest } from "../src/live/feed/feed-source.ts";
import { TabFeed } from "../src/live/tabs/tab-feed.ts";
import { findTabPlatform } from "../src/live/tabs/tab-platform.ts";
import type { TabPlatform } from "../src/live/tabs/tab-platform.ts";

// Node has the Web Locks and BroadcastChannel of browsers; here each `TabFeed` is a tab.
const found = findTabPlatform();
if (!found) throw new Error("this Node has no Web Locks");
const platform: TabPlatform = found;
const WITHIN = { timeout: 20_000 };

/** The server's log and a connection to it: says each topic what is after its cursor. */
class Log {
  length = 0;
  readonly feeds = new Set<LogFeed>();

  append(): void {
    this.length += 1;
    for (const feed of this.feeds) feed.ring();
  }
}

class LogFeed implements FeedSource {
  readonly #log: Log;
  readonly #topics = new Map<symbol, { at: number; handlers: TopicHandlers; request: TopicRequest }>();
  restarts = 0;
  /** As on a page that was put to sleep. */
  isSilent = false;

  constructor(log: Log) {
    this.#log = log;
    log.feeds.add(this);
  }

  get wanted(): string[] {
    return [...this.#topics.values()].map(({ request }) => String(request.input)).toSorted();
  }

  follow(request: TopicRequest, handlers: TopicHandlers): () => void {
    const key = Symbol(request.path);
    this.#topics.set(key, { at: Number(request.lastEventId ?? this.#log.length), handlers, request });
    queueMicrotask(() => {
      const topic = this.#topics.get(key);
      if (!topic) return;
      handlers.onStarted();
      // As every topic does: a first frame says where it stands.
      handlers.onData(String(topic.at), 0);
      this.ring();
    });
    return () => this.#topics.delete(key);
  }

  ring(): void {
    if (this.isSilent) return;
    for (const [key, topic] of this.#topics) {
      while (topic.at < this.#log.length && this.#topics.has(key)) {
        topic.at += 1;
        topic.handlers.onData(String(topic.at), topic.at);
      }
    }
  }

  refuse(input: string): void {
    for (const [key, { request, handlers }] of this.#topics) {
      if (request.input !== input) continue;
      this.#topics.delete(key);
      handlers.onError(Object({ message: "no", code: -32003, data: { code: "FORBIDDEN" } }));
    }
  }

  restart(): void {
    this.restarts += 1;
  }

  close(): void {
    this.#topics.clear();
    this.#log.feeds.delete(this);
  }
}

const tabs: TabFeed[] = [];
afterEach(() => {
  for (const tab of tabs.splice(0)) tab.close();
});

function openTab(log: Log, name: string, lookEveryMs = 3_000): TabFeed {
  const tab = new TabFeed({ name, platform, createFeed: () => new LogFeed(log), lookEveryMs });
  tabs.push(tab);
  return tab;
}

function follow(tab: TabFeed, input = "room") {
  const seen: number[] = [];
  const news: string[] = [];
  const stop = tab.follow(
    { path: "chat.onEvent", input },
    {
      onStarted: () => news.push("started"),
      onData: (_id, data) => (data === 0 ? 0 : seen.push(Number(data))),
      onLost: () => news.push("lost"),
      onError: ({ message }) => news.push(message),
      onEnd: () => news.push("end"),
    },
  );
  return { seen, news, stop };
}

const leaders = () => tabs.filter(({ isLeading }) => isLeading);
const onlyFeed = (log: Log) => {
  const [feed, ...others] = log.feeds;
  if (!feed || others.length > 0) throw new Error(`${log.feeds.size} feeds`);
  return feed;
};
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

it("lets eight tabs live on one feed, each with its own topics", async () => {
  const log = new Log();
  const name = randomUUID();
  const eight = upTo(8).map((number) => follow(openTab(log, name), `room ${number}`));
  await expect.poll(() => eight.map(({ news }) => news.join()), WITHIN).toEqual(eight.map(() => "started"));
  expect(leaders()).toHaveLength(1);
  log.append();
  await expect.poll(() => eight.map(({ seen }) => seen), WITHIN).toEqual(eight.map(() => [1]));
  eight[7]?.stop();
  await expect.poll(() => onlyFeed(log).wanted, WITHIN).toHaveLength(7);
  onlyFeed(log).refuse("room 3");
  await expect.poll(() => eight[2]?.news, WITHIN).toEqual(["started", "no"]);
  expect(eight.filter(({ news }) => news.includes("no"))).toHaveLength(1);
});

it("goes on from each tab's own last frame when the leader is closed, without a gap or a repeat", async () => {
  const log = new Log();
  const name = randomUUID();
  const all = upTo(4).map(() => openTab(log, name));
  const followed = all.map((tab) => ({ tab, ...follow(tab) }));
  await expect.poll(() => followed.every(({ news }) => news.includes("started")), WITHIN).toBe(true);
  for (let round = 0; round < 3; round += 1) {
    for (let count = 0; count < 20; count += 1) log.append();
    const [leader] = leaders();
    if (!leader) throw new Error("nobody leads");
    // While frames are still on their way to the others.
    leader.close();
    tabs.splice(tabs.indexOf(leader), 1);
    for (let count = 0; count < 20; count += 1) log.append();
    await expect.poll(leaders, WITHIN).toHaveLength(1);
    const left = followed.filter(({ tab }) => tabs.includes(tab));
    await expect.poll(() => left.map(({ seen }) => seen.length), WITHIN).toEqual(left.map(() => log.length));
    for (const { seen, news } of left) {
      expect(seen).toEqual(upTo(log.length));
      // Nobody was told of a break.
      expect(news).toEqual(["started"]);
    }
  }
});

it("relieves a leader that does not answer, which then follows like the others", async () => {
  const log = new Log();
  const name = randomUUID();
  const sleepy = openTab(log, name, 50);
  const asleep = follow(sleepy);
  await expect.poll(() => asleep.news, WITHIN).toEqual(["started"]);
  // It sleeps: it hears nothing and says nothing, but the browser leaves it the lock.
  const { messages, waken } = putToSleep(name);
  const feedAsleep = onlyFeed(log);
  feedAsleep.isSilent = true;
  const awake = follow(openTab(log, name, 50));
  await expect.poll(() => awake.news, WITHIN).toEqual(["started"]);
  log.append();
  await expect.poll(() => awake.seen, WITHIN).toEqual([1]);
  expect(messages()).toBeGreaterThan(0);
  waken();
  await expect.poll(() => [leaders().length, log.feeds.has(feedAsleep)], WITHIN).toEqual([1, false]);
  expect(leaders()).not.toContain(sleepy);
  log.append();
  await expect.poll(() => [asleep.seen, awake.seen], WITHIN).toEqual([[1, 2], [1, 2]]);
});

it("lets topics of a tab rest that takes nothing, and goes on where it stands", async () => {
  const log = new Log();
  const name = randomUUID();
  const leading = follow(openTab(log, name));
  await expect.poll(() => leading.news, WITHIN).toEqual(["started"]);
  const slow = follow(openTab(log, name));
  await expect.poll(() => slow.news, WITHIN).toEqual(["started"]);
  // More than may be on its way, in one task: nothing of it can have been taken.
  for (let count = 0; count < 2_000; count += 1) log.append();
  expect(onlyFeed(log).wanted).toHaveLength(1);
  expect(leading.seen).toHaveLength(2_000);
  await expect.poll(() => slow.seen.length, WITHIN).toBe(2_000);
  expect(slow.seen).toEqual(upTo(2_000));
});

it("drops the topics of a tab that is gone, and restarts once for all", async () => {
  const log = new Log();
  const name = randomUUID();
  const [first, second, third] = [openTab(log, name), openTab(log, name), openTab(log, name)];
  for (const tab of [first, second, third]) follow(tab);
  await expect.poll(() => log.feeds.size === 1 && onlyFeed(log).wanted.length, WITHIN).toBe(3);
  for (const tab of [first, second, third]) tab.restart();
  await expect.poll(() => onlyFeed(log).restarts, WITHIN).toBe(1);
  const follower = tabs.find(({ isLeading }) => !isLeading);
  follower?.close();
  await expect.poll(() => onlyFeed(log).wanted, WITHIN).toHaveLength(2);
  expect(onlyFeed(log).restarts).toBe(1);
});

/** Messages to the tabs that exist now are kept back until they are woken. */
function putToSleep(name: string) {
  const heard: (() => void)[] = [];
  let isAsleep = true;
  const sleepers = new Set(sleepable.get(name));
  for (const sleeper of sleepers) sleeper.hold = (deliver) => (isAsleep ? heard.push(deliver) : deliver());
  return {
    messages: () => heard.length,
    waken: () => {
      isAsleep = false;
      for (const deliver of heard) deliver();
    },
  };
}

interface Sleeper {
  hold: (deliver: () => void) => void;
}
const sleepable = new Map<string, Set<Sleeper>>();
const createChannel = platform.createChannel;
Object.assign(platform, {
  createChannel(name: string, hear?: (message: unknown) => void) {
    const sleeper: Sleeper = { hold: (deliver) => deliver() };
    const group = name.split(":")[0] ?? name;
    sleepable.set(group, (sleepable.get(group) ?? new Set()).add(sleeper));
    return createChannel(name, hear && ((message) => sleeper.hold(() => hear(message))));
  },
});
