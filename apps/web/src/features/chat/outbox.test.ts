import type { Message } from "@cardinal/api/schemas";
import { TRPCClientError } from "@trpc/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Outbox } from "./outbox.ts";
import type { OutboxPort, OutgoingMessage } from "./outbox.ts";

const stored = (clientMessageId: string): Message => ({
  id: `id-${clientMessageId}`,
  roomId: "r1",
  number: 1,
  seq: 1,
  author: { id: "u1", username: "ada", displayName: "Ada", avatarHue: 0 },
  body: "text",
  createdAtMs: 0,
  editedAtMs: null,
  deletedAtMs: null,
  clientMessageId,
  replyTo: null,
  reactions: [],
  pinnedAtMs: null,
  pinnedBy: null,
});

function fault(code: string, extra: object = {}): TRPCClientError<never> {
  return TRPCClientError.from({ error: { message: code, code: -32000, data: { code, ...extra } } });
}

class Network implements OutboxPort {
  readonly sent: string[] = [];
  readonly arrived: string[] = [];
  answers: (Error | null)[] = [];
  saved: readonly OutgoingMessage[] = [];

  send({ clientMessageId }: { clientMessageId: string }): Promise<Message> {
    this.sent.push(clientMessageId);
    const answer = this.answers.shift() ?? null;
    return answer ? Promise.reject(answer) : Promise.resolve(stored(clientMessageId));
  }
  isBehind = false;
  onSent(message: Message): boolean {
    if (this.isBehind) return false;
    this.arrived.push(message.clientMessageId ?? "");
    return true;
  }
  load(): readonly OutgoingMessage[] {
    return this.saved;
  }
  save(messages: readonly OutgoingMessage[]): void {
    this.saved = messages;
  }
}

const write = (clientMessageId: string) => ({ clientMessageId, body: "text", createdAtMs: 0 });
const states = (outbox: Outbox) => outbox.store.getSnapshot().map(({ state }) => state);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("sends one message after the other and is empty when all are stored", async () => {
  const network = new Network();
  const outbox = new Outbox(network);
  for (const id of ["a", "b", "c"]) outbox.add(write(id));
  expect(network.sent).toEqual(["a"]);
  await vi.runAllTimersAsync();
  expect(network.arrived).toEqual(["a", "b", "c"]);
  expect(outbox.store.getSnapshot()).toEqual([]);
  expect(network.saved).toEqual([]);
});

it("retries what may pass under the same id, and keeps the order meanwhile", async () => {
  const network = new Network();
  network.answers = [
    new TypeError("fetch failed"),
    fault("SERVICE_UNAVAILABLE", { reason: "REDIS_UNAVAILABLE" }),
  ];
  const outbox = new Outbox(network);
  outbox.add(write("a"));
  outbox.add(write("b"));
  await vi.advanceTimersByTimeAsync(0);
  expect(states(outbox)).toEqual(["waiting", "queued"]);
  await vi.runAllTimersAsync();
  expect(network.sent).toEqual(["a", "a", "a", "b"]);
  expect(network.arrived).toEqual(["a", "b"]);
});

it("waits as long as the rate limiter asks, says until when, and loses nothing", async () => {
  const network = new Network();
  network.answers = [fault("TOO_MANY_REQUESTS", { rateLimit: { retryAfterMs: 30_000 } })];
  const outbox = new Outbox(network);
  outbox.add(write("a"));
  outbox.add(write("b"));
  await vi.advanceTimersByTimeAsync(29_000);
  expect(network.sent).toHaveLength(1);
  expect(outbox.pace.getSnapshot().retryAtMs).toBeGreaterThanOrEqual(Date.now() + 1_000);
  await vi.runAllTimersAsync();
  expect(network.sent).toEqual(["a", "a", "b"]);
  expect(network.arrived).toEqual(["a", "b"]);
  expect(outbox.pace.getSnapshot()).toEqual({ sentAtMs: expect.any(Number), retryAtMs: null });
});

it("keeps a refused message for its author and lets the next ones pass", async () => {
  const network = new Network();
  network.answers = [fault("FORBIDDEN", { reason: "NOT_A_MEMBER" })];
  const outbox = new Outbox(network);
  outbox.add(write("a"));
  outbox.add(write("b"));
  await vi.runAllTimersAsync();
  expect(network.arrived).toEqual(["b"]);
  expect(states(outbox)).toEqual(["failed"]);
  outbox.retry("a");
  await vi.runAllTimersAsync();
  expect(network.arrived).toEqual(["b", "a"]);
});

it("keeps a stored message in its place until the room has caught up with it", async () => {
  const network = new Network();
  network.isBehind = true;
  const outbox = new Outbox(network);
  outbox.add(write("a"));
  outbox.add(write("b"));
  await vi.runAllTimersAsync();
  expect(states(outbox)).toEqual(["sent", "sent"]);
  outbox.confirm(new Set(["a", "b"]));
  expect(states(outbox)).toEqual([]);
});

it("sends what an earlier page left unsent", async () => {
  const network = new Network();
  network.saved = [{ ...write("a"), state: "queued", reason: null }];
  const outbox = new Outbox(network);
  await vi.runAllTimersAsync();
  expect(network.arrived).toEqual(["a"]);
  expect(outbox.store.getSnapshot()).toEqual([]);
});

it("forgets a message that is seen in the room, and one that is discarded", async () => {
  const network = new Network();
  network.answers = [new TypeError("fetch failed"), new TypeError("fetch failed")];
  const outbox = new Outbox(network);
  outbox.add(write("a"));
  await vi.advanceTimersByTimeAsync(0);
  outbox.confirm(new Set(["a"]));
  expect(outbox.store.getSnapshot()).toEqual([]);
  outbox.add(write("b"));
  await vi.advanceTimersByTimeAsync(0);
  outbox.discard("b");
  await vi.runAllTimersAsync();
  expect(network.arrived).toEqual([]);
});
