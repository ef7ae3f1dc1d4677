import type { ChatHistory, ChatOnEventFrame, Message, RoomEvent } from "@cardinal/api/schemas";
import { TRPCClientError } from "@trpc/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RoomFeed } from "./room-feed.ts";
import type { RoomFeedPort } from "./room-feed.ts";

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
  history(before = Infinity): Promise<ChatHistory> {
    const failure = this.failures.shift();
    if (failure) return Promise.reject(failure);
    const to = Math.min(this.head, before - 1);
    const from = Math.max(1, to - 9);
    const page = {
      messages: range(from, to).map(message),
      hasMore: from > 1,
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
