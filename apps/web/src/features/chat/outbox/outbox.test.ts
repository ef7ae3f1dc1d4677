import type { Message } from "@cardinal/api/schemas";
import { TRPCClientError } from "@trpc/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { MemoryStore } from "./memory-store.ts";
import { Outbox } from "./outbox.ts";
import type { OutgoingMessage } from "./outgoing.ts";

const stored = ({ clientMessageId, roomId, body }: OutgoingMessage, number: number): Message => ({
  id: `id-${clientMessageId}`,
  roomId,
  number,
  seq: number,
  author: { id: "u1", username: "ada", displayName: "Ada", avatarHue: 0 },
  body,
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

/** What several pages of one browser share. */
class SharedStore extends MemoryStore {
  override readonly isLasting = true;
}

/** A browser with its pages, and the server they send to. */
class Browser {
  readonly store = new SharedStore();
  readonly sent: string[] = [];
  readonly arrived: string[] = [];
  answers: (Error | Promise<never> | null)[] = [];
  readonly #pages: Outbox[] = [];

  open({ isLeading = true, memberId = "u1" } = {}): Outbox {
    const page: Outbox = new Outbox({
      memberId,
      store: Promise.resolve(this.store),
      send: async (message) => {
        this.sent.push(message.clientMessageId);
        const answer = await (this.answers.shift() ?? null);
        if (answer) throw answer;
        if (!this.arrived.includes(message.clientMessageId)) this.arrived.push(message.clientMessageId);
        return stored(message, this.arrived.indexOf(message.clientMessageId) + 1);
      },
      onSent: () => undefined,
      tellOthers: () => this.#pages.filter((other) => other !== page).forEach((other) => void other.refresh()),
      now: Date.now,
    });
    this.#pages.push(page);
    void page.refresh();
    if (isLeading) void page.lead();
    return page;
  }
}

const write = (clientMessageId: string, roomId = "r1") => ({ clientMessageId, roomId, body: "text", createdAtMs: 0 });
const states = (outbox: Outbox) =>
  outbox.messages.getSnapshot().map(({ clientMessageId, state }) => `${clientMessageId} ${state}`);
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("shows a message at once, and sends one after the other", async () => {
  const browser = new Browser();
  const outbox = browser.open();
  for (const id of ["a", "b", "c"]) void outbox.add(write(id));
  expect(states(outbox)).toEqual(["a queued", "b queued", "c queued"]);
  await vi.runAllTimersAsync();
  expect(browser.sent).toEqual(["a", "b", "c"]);
  expect(states(outbox)).toEqual(["a sent", "b sent", "c sent"]);
});

it("retries what may pass under the same id, keeps the order of the room meanwhile, and lets other rooms go on", async () => {
  const browser = new Browser();
  browser.answers = [new TypeError("fetch failed"), null, fault("SERVICE_UNAVAILABLE", { reason: "REDIS_UNAVAILABLE" })];
  const outbox = browser.open();
  await outbox.add(write("a"));
  void outbox.add(write("b"));
  void outbox.add(write("other", "r2"));
  await settle();
  expect(states(outbox)).toEqual(["a queued", "b queued", "other sent"]);
  await vi.runAllTimersAsync();
  expect(browser.sent).toEqual(["a", "other", "a", "a", "b"]);
  expect(browser.arrived).toEqual(["other", "a", "b"]);
});

it("waits as long as the server asks, also when the connection comes back meanwhile", async () => {
  const browser = new Browser();
  browser.answers = [fault("TOO_MANY_REQUESTS", { rateLimit: { retryAfterMs: 30_000 } })];
  const outbox = browser.open();
  void outbox.add(write("a"));
  await vi.advanceTimersByTimeAsync(10_000);
  await outbox.retry();
  await vi.advanceTimersByTimeAsync(19_000);
  expect(browser.sent).toHaveLength(1);
  await vi.runAllTimersAsync();
  expect(browser.arrived).toEqual(["a"]);
});

it("keeps a refused message for its author and lets the next ones pass", async () => {
  const browser = new Browser();
  browser.answers = [fault("FORBIDDEN", { reason: "NOT_A_MEMBER" })];
  const outbox = browser.open();
  void outbox.add(write("a"));
  void outbox.add(write("b"));
  await vi.runAllTimersAsync();
  expect(states(outbox)).toEqual(["a failed", "b sent"]);
  expect(outbox.messages.getSnapshot()[0]).toMatchObject({ body: "text", reason: "You are not a member of this room." });
  await outbox.retry("a");
  await vi.runAllTimersAsync();
  expect(browser.arrived).toEqual(["b", "a"]);
});

it("keeps what cannot be sent because somebody else is signed in, until its member is back", async () => {
  const browser = new Browser();
  browser.answers = [fault("CONFLICT", { reason: "SIGNED_IN_AS_ANOTHER" }), fault("UNAUTHORIZED")];
  const outbox = browser.open();
  void outbox.add(write("a"));
  await vi.advanceTimersByTimeAsync(1_000);
  await outbox.retry();
  await settle();
  expect(states(outbox)).toEqual(["a queued"]);
  await vi.runAllTimersAsync();
  expect(browser.arrived).toEqual(["a"]);
});

it("shows the same on every page, and only the leading one sends", async () => {
  const browser = new Browser();
  const [first, second] = [browser.open({ isLeading: false }), browser.open()];
  await settle();
  browser.answers = [fault("FORBIDDEN", { reason: "NOT_A_MEMBER" })];
  void first.add(write("a"));
  void first.add(write("b"));
  await vi.runAllTimersAsync();
  expect(browser.sent).toEqual(["a", "b"]);
  for (const page of [first, second]) expect(states(page)).toEqual(["a failed", "b sent"]);
});

it("sends again what a page that died had begun to send, and no other member's", async () => {
  const browser = new Browser();
  browser.answers = [new Promise<never>(() => undefined)];
  const dead = browser.open();
  void dead.add(write("a"));
  void dead.add(write("b"));
  await settle();
  expect(browser.sent).toEqual(["a"]);
  dead.close();
  const bo = browser.open({ memberId: "u2" });
  await vi.runAllTimersAsync();
  expect(states(bo)).toEqual([]);
  const next = browser.open();
  await vi.runAllTimersAsync();
  expect(browser.sent).toEqual(["a", "a", "b"]);
  expect(states(next)).toEqual(["a sent", "b sent"]);
});

it("notices that nobody sends, and not that a message waits for its turn", async () => {
  const browser = new Browser();
  const outbox = browser.open({ isLeading: false });
  void outbox.add(write("a"));
  await settle();
  expect(outbox.isNeglected(10_000)).toBe(false);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(outbox.isNeglected(10_000)).toBe(true);
  browser.answers = [fault("TOO_MANY_REQUESTS", { rateLimit: { retryAfterMs: 60_000 } })];
  void outbox.add(write("b"));
  void outbox.lead();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(outbox.isNeglected(10_000)).toBe(false);
});

it("forgets what was sent a minute ago", async () => {
  const browser = new Browser();
  const outbox = browser.open();
  void outbox.add(write("a"));
  await vi.advanceTimersByTimeAsync(61_000);
  void outbox.add(write("b"));
  await settle();
  expect(states(outbox)).toEqual(["b sent"]);
});

it("takes a message for stored that is seen in the room, and forgets one that is discarded", async () => {
  const browser = new Browser();
  browser.answers = [new TypeError("fetch failed"), new TypeError("fetch failed")];
  const outbox = browser.open();
  void outbox.add(write("a"));
  await settle();
  await outbox.confirm([{ clientMessageId: "a", number: 7 }]);
  void outbox.add(write("b"));
  await settle();
  await outbox.discard("b");
  await vi.runAllTimersAsync();
  expect(states(outbox)).toEqual(["a sent"]);
  expect(browser.arrived).toEqual([]);
});

it("goes on in memory when the browser's storage fails, and says that nothing lasts", async () => {
  const browser = new Browser();
  const outbox = browser.open();
  await settle();
  browser.store.add = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
  void outbox.add(write("a"));
  await vi.runAllTimersAsync();
  expect(outbox.isLasting.getSnapshot()).toBe(false);
  expect(browser.arrived).toEqual(["a"]);
});
