import type { ChatHistory, ChatOnEventFrame, Message, RoomEvent } from "@cardinal/api/schemas";
import { TRPCClientError } from "@trpc/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RoomFeed } from "./room-feed.ts";
import type { PagePlace, RoomFeedPort } from "./room-feed.ts";

const message = (number: number): Message => ({
  id: `id-${number}`,
  roomId: "r1",
  number,
  seq: number,
  author: { id: "u1", username: "ada", displayName: "Ada", avatarHue: 0 },
  body: `m${number}`,
  createdAtMs: number,
  editedAtMs: null,
  deletedAtMs: null,
  clientMessageId: null,
  replyTo: null,
  reactions: [],
  pinnedAtMs: null,
  pinnedBy: null,
});
const event = (seq: number): RoomEvent => ({ seq, kind: "message", atMs: seq, message: message(seq) });
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** A room of the server: its log, and what listens to it. */
class Room implements RoomFeedPort {
  head = 0;
  cursors: string[] = [];
  failures: Error[] = [];
  seen: number[] = [];
  onFetch: () => void = () => undefined;
  #push: ((frame: ChatOnEventFrame) => void) | null = null;

  constructor(head: number) {
    this.head = head;
  }
  history(place?: PagePlace): Promise<ChatHistory> {
    const failure = this.failures.shift();
    if (failure) return Promise.reject(failure);
    let to = this.head;
    if (place && "before" in place) to = Math.min(to, place.before - 1);
    if (place && "after" in place) to = Math.min(to, place.after + 10);
    if (place && "around" in place) to = Math.min(to, ("number" in place.around ? place.around.number : 0) + 5);
    const from = place && "after" in place ? place.after + 1 : Math.max(1, to - 9);
    const page = {
      messages: range(from, to).map(message),
      hasMore: from > 1,
      headNumber: this.head,
      asOfSeq: this.head,
      epoch: "e1",
    };
    this.onFetch();
    return Promise.resolve(page);
  }
  listen(cursor: string, { onData }: { onData(frame: ChatOnEventFrame): void }) {
    this.cursors.push(cursor);
    this.#push = onData;
    return { unsubscribe: () => (this.#push = null) };
  }
  onMessages(messages: readonly Message[]): void {
    this.seen.push(...messages.map(({ number }) => number));
  }
  push(...seqs: number[]): void {
    this.head = Math.max(this.head, ...seqs);
    this.#push?.({ kind: "batch", events: seqs.map(event) });
  }
  reset(): void {
    this.#push?.({ kind: "reset", head: this.head, epoch: "e1" });
  }
}

const numbers = (feed: RoomFeed) => feed.store.getSnapshot().log?.messages.map(({ number }) => number);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("follows the room from where its first page ends", async () => {
  const room = new Room(30);
  const feed = new RoomFeed(room);
  feed.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(room.cursors).toEqual(["e1.30"]);
  room.push(30, 31, 32);
  expect(numbers(feed)).toEqual(range(21, 32));
  expect(room.seen).toEqual(range(21, 32));
});

it("fetches older pages on demand, once at a time", async () => {
  const room = new Room(25);
  const feed = new RoomFeed(room);
  feed.start();
  await vi.advanceTimersByTimeAsync(0);
  await Promise.all([feed.loadOlder(), feed.loadOlder()]);
  expect(numbers(feed)).toEqual(range(6, 25));
  await feed.loadOlder();
  await feed.loadOlder();
  expect(numbers(feed)).toEqual(range(1, 25));
  expect(feed.store.getSnapshot().log?.hasMore).toBe(false);
});

it("resumes where it stood after a pause", async () => {
  const room = new Room(12);
  const feed = new RoomFeed(room);
  feed.start();
  await vi.advanceTimersByTimeAsync(0);
  room.push(13);
  feed.stop();
  feed.start();
  expect(room.cursors).toEqual(["e1.12", "e1.13"]);
});

it("fetches the newest page after a reset and loses nothing that arrives meanwhile", async () => {
  const room = new Room(12);
  const feed = new RoomFeed(room);
  feed.start();
  await vi.advanceTimersByTimeAsync(0);
  room.head = 2_000;
  room.onFetch = () => room.push(2_001, 2_002);
  room.reset();
  await vi.advanceTimersByTimeAsync(0);
  expect(numbers(feed)).toEqual(range(1_991, 2_002));
});

it("jumps to a message that is not loaded, reads on in both directions, and joins what arrives", async () => {
  const room = new Room(100);
  const feed = new RoomFeed(room);
  feed.start();
  await vi.advanceTimersByTimeAsync(0);
  await feed.jumpTo({ number: 30 });
  expect(numbers(feed)).toEqual(range(26, 35));
  expect(feed.store.getSnapshot()).toMatchObject({ window: 1, target: { number: 30 } });
  await feed.loadOlder();
  expect(numbers(feed)).toEqual(range(16, 35));

  // What is said meanwhile is counted, not shown; then the pages reach it, whatever arrives on the way.
  room.push(101);
  expect(numbers(feed)?.at(-1)).toBe(35);
  expect(feed.store.getSnapshot().log?.headNumber).toBe(101);
  room.onFetch = () => {
    if (room.head < 110) room.push(room.head + 1);
  };
  for (let page = 0; page < 9; page += 1) await feed.loadNewer();
  expect(room.head).toBe(109);
  expect(numbers(feed)).toEqual(range(16, 109));
  await feed.loadNewer();
  room.push(110);
  expect(numbers(feed)).toEqual(range(16, 110));
  expect(room.cursors).toEqual(["e1.100"]);
});

it("jumps once the room is loaded, when it was asked to before", async () => {
  const feed = new RoomFeed(new Room(100));
  feed.start();
  await feed.jumpTo({ number: 30 });
  await vi.advanceTimersByTimeAsync(0);
  expect(feed.store.getSnapshot().target).toEqual({ number: 30 });
});

it("goes back to the newest messages, and of two jumps to where the last one points", async () => {
  const room = new Room(100);
  const feed = new RoomFeed(room);
  feed.start();
  await vi.advanceTimersByTimeAsync(0);
  await Promise.all([feed.jumpTo({ number: 20 }), feed.jumpTo({ number: 50 })]);
  expect(numbers(feed)).toEqual(range(46, 55));
  await feed.jumpToLatest();
  expect(numbers(feed)).toEqual(range(91, 100));
  await feed.jumpTo({ number: 95 });
  expect(feed.store.getSnapshot()).toMatchObject({ window: 2, target: { number: 95 } });
});

it("says why a jump led nowhere, and stays where it is", async () => {
  const room = new Room(100);
  const feed = new RoomFeed(room);
  feed.start();
  await vi.advanceTimersByTimeAsync(0);
  const data = { code: "NOT_FOUND", reason: "MESSAGE_NOT_FOUND" };
  room.failures = [TRPCClientError.from({ error: { message: "gone", code: -32004, data } })];
  await feed.jumpTo({ messageId: "gone" });
  expect(feed.store.getSnapshot().jumpError).toBeInstanceOf(TRPCClientError);
  expect(numbers(feed)).toEqual(range(91, 100));

  // A link to it opens the room all the same.
  room.failures = [TRPCClientError.from({ error: { message: "gone", code: -32004, data } })];
  const linked = new RoomFeed(room);
  linked.start({ messageId: "gone" });
  await vi.advanceTimersByTimeAsync(0);
  expect(numbers(linked)).toEqual(range(91, 100));
  expect(linked.store.getSnapshot().jumpError).toBeInstanceOf(TRPCClientError);
});

it("stays at the old messages through a reset, and opens at the newest when it is opened again", async () => {
  const room = new Room(100);
  const feed = new RoomFeed(room);
  feed.start({ number: 30 });
  await vi.advanceTimersByTimeAsync(0);
  expect(feed.store.getSnapshot().target).toEqual({ number: 30 });
  room.head = 9_000;
  room.reset();
  await vi.advanceTimersByTimeAsync(0);
  expect(numbers(feed)).toContain(30);
  expect(feed.store.getSnapshot().log?.headNumber).toBe(9_000);
  feed.stop();
  feed.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(numbers(feed)?.at(-1)).toBe(9_000);
});

it("tries again by itself when the page could not be had, and stops at a refusal", async () => {
  const room = new Room(5);
  room.failures = [new TypeError("fetch failed"), new TypeError("fetch failed")];
  const feed = new RoomFeed(room);
  feed.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(feed.store.getSnapshot().error).toBeInstanceOf(TypeError);
  await vi.runAllTimersAsync();
  expect(numbers(feed)).toEqual(range(1, 5));
  expect(feed.store.getSnapshot().error).toBeNull();

  const refused = new Room(5);
  refused.failures = [
    TRPCClientError.from({ error: { message: "no", code: -32003, data: { code: "FORBIDDEN" } } }),
  ];
  const other = new RoomFeed(refused);
  other.start();
  await vi.runAllTimersAsync();
  expect(other.store.getSnapshot().log).toBeNull();
});
