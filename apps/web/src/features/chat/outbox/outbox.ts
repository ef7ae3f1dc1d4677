import type { Message } from "@cardinal/api/schemas";
import { retryDelayMs } from "@cardinal/client/backoff";
import { isPassing, readFault } from "@cardinal/client/errors";
import { faultText } from "../../../lib/fault-text.ts";
import { Store } from "../../../lib/store.ts";
import { MemoryStore } from "./memory-store.ts";
import type { Change, MessageStore } from "./message-store.ts";
import { toOutgoing } from "./outgoing.ts";
import type { OutgoingMessage, WrittenMessage } from "./outgoing.ts";

export interface OutboxPort {
  readonly memberId: string;
  readonly store: Promise<MessageStore>;
  send(message: OutgoingMessage): Promise<Message>;
  /** Shows a stored message in its room, if that is open here. */
  onSent(message: Message): void;
  /** Tells the other pages of this browser that there is something to read. */
  tellOthers(): void;
  now(): number;
}

/** Shown in its room long before; kept so long for pages that are behind. */
const SENT_KEPT_MS = 60_000;
/** What another page would have to sign in for, it may have done by then. */
const SIGNED_OUT_PAUSE_MS = 15_000;
const MOST_UNKNOWN = 5;

/**
 * What a member has written and the server has not yet confirmed, in all rooms, on every page of this browser. One page
 * sends (`lead`); in each room one message is on its way at a time, in the order they were written, and what was refused
 * lets the next ones pass. The id chosen by the writer makes a repeated send harmless, so whatever may pass (no answer, an
 * outage, a limit, a page that died) is sent again until it is stored or discarded.
 */
export class Outbox {
  readonly messages = new Store<readonly OutgoingMessage[]>([]);
  /** Whether what is written survives the page. */
  readonly isLasting = new Store(true);
  readonly #port: OutboxPort;
  #store: Promise<MessageStore>;
  #reading: Promise<void> = Promise.resolve();
  /** Written here, and not yet in the store. */
  #fresh: readonly OutgoingMessage[] = [];
  readonly #sending = new Set<string>();
  #isLeading = false;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(port: OutboxPort) {
    this.#port = port;
    this.#store = port.store;
    void port.store.then(({ isLasting }) => this.#setLasting(isLasting));
  }

  /** Reads what is kept; to be called when another page has written. */
  refresh(): Promise<void> {
    // One after the other: what was read first must not be shown last.
    this.#reading = this.#reading.then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    const messages = await this.#use((store) => store.list(this.#port.memberId));
    if (this.#isClosed) return;
    const kept = new Set(messages.map(({ clientMessageId }) => clientMessageId));
    this.#fresh = this.#fresh.filter(({ clientMessageId }) => !kept.has(clientMessageId));
    this.messages.set([...messages, ...this.#fresh]);
    this.#pump();
  }

  /** This page sends from now on. What another one had begun to send is sent again: nobody knows what became of it. */
  async lead(): Promise<void> {
    this.#isLeading = true;
    await this.#change((message) =>
      message.state === "sending" ? this.#with(message, { state: "queued" }) : this.#unlessOver(message),
    );
  }

  stopLeading(): void {
    this.#isLeading = false;
    clearTimeout(this.#timer);
  }

  async add(message: WrittenMessage): Promise<void> {
    const nowMs = this.#port.now();
    const order = (this.messages.getSnapshot().at(-1)?.order ?? 0) + 1;
    const fresh = toOutgoing(message, this.#port.memberId, order, nowMs);
    this.#fresh = [...this.#fresh, fresh];
    this.messages.set([...this.messages.getSnapshot(), fresh]);
    await this.#use((store) => store.add(this.#port.memberId, [message], nowMs));
    await this.#tell();
  }

  /**
   * Sends what waits for its next attempt as soon as the server allows; a message that is named at once, also if it was
   * refused.
   */
  retry(clientMessageId?: string): Promise<void> {
    return this.#change((message) => {
      const isMeant = message.clientMessageId === clientMessageId && message.state !== "sent";
      if (isMeant) return this.#with(message, { state: "queued" });
      const isWaiting = message.state === "queued" && message.retryAtMs !== null && clientMessageId === undefined;
      return isWaiting ? { ...message, retryAtMs: message.holdUntilMs } : message;
    });
  }

  discard(clientMessageId: string): Promise<void> {
    return this.#change((message) => (message.clientMessageId === clientMessageId ? null : message));
  }

  /** Messages were seen in a room. Those of ours are stored, whatever became of the answers. */
  async confirm(seen: readonly Pick<Message, "clientMessageId" | "number">[]): Promise<void> {
    const numbers = new Map(seen.map(({ clientMessageId, number }) => [clientMessageId, number]));
    const isMeant = ({ clientMessageId, state }: OutgoingMessage) => numbers.has(clientMessageId) && state !== "sent";
    if (!this.messages.getSnapshot().some(isMeant)) return;
    await this.#change((message) =>
      isMeant(message)
        ? this.#with(message, { state: "sent", number: numbers.get(message.clientMessageId) ?? null })
        : message,
    );
  }

  /** Whether nobody has done anything for so long about a message that is due. */
  isNeglected(forMs: number): boolean {
    const dueMs = this.#port.now() - forMs;
    return this.#nextOfEachRoom().some(({ state, changedAtMs, retryAtMs }) =>
      state === "queued" ? Math.max(changedAtMs, retryAtMs ?? 0) < dueMs : changedAtMs < dueMs - 2 * forMs,
    );
  }

  close(): void {
    this.#isClosed = true;
    this.stopLeading();
    void this.#store.then((store) => store.close());
    this.messages.set([]);
  }

  #with(message: OutgoingMessage, change: Partial<OutgoingMessage>): OutgoingMessage {
    const cleared = { reason: null, retryAtMs: null, holdUntilMs: null };
    return { ...message, ...cleared, ...change, changedAtMs: this.#port.now() };
  }

  #unlessOver(message: OutgoingMessage): OutgoingMessage | null {
    return message.state === "sent" && message.changedAtMs < this.#port.now() - SENT_KEPT_MS ? null : message;
  }

  async #change(change: Change): Promise<void> {
    if (this.#isClosed) return;
    await this.#use((store) => store.change(this.#port.memberId, change));
    await this.#tell();
  }

  async #tell(): Promise<void> {
    this.#port.tellOthers();
    await this.refresh();
  }

  /** A store that fails (the disk is full, the browser took it away) is replaced by memory, which forgets with the page. */
  async #use<T>(work: (store: MessageStore) => Promise<T>): Promise<T> {
    const used = this.#store;
    const store = await used;
    try {
      return await work(store);
    } catch (error) {
      if (!store.isLasting || this.#isClosed) throw error;
      if (this.#store === used) {
        const known = this.messages.getSnapshot().filter((message) => !this.#fresh.includes(message));
        this.#store = Promise.resolve(new MemoryStore(known));
        this.#setLasting(false);
      }
      return work(await this.#store);
    }
  }

  /** Where nothing lasts no page knows of another's messages, so that each sends its own. */
  #setLasting(isLasting: boolean): void {
    this.isLasting.set(isLasting);
    if (!isLasting && !this.#isClosed) void this.lead();
  }

  /** In each room the first message that is neither stored nor refused. */
  #nextOfEachRoom(): OutgoingMessage[] {
    const next = new Map<string, OutgoingMessage>();
    for (const message of this.messages.getSnapshot()) {
      const isOpen = message.state === "queued" || message.state === "sending";
      if (isOpen && !next.has(message.roomId)) next.set(message.roomId, message);
    }
    return [...next.values()];
  }

  #pump(): void {
    if (!this.#isLeading || this.#isClosed) return;
    clearTimeout(this.#timer);
    const nowMs = this.#port.now();
    let nextMs = Infinity;
    for (const message of this.#nextOfEachRoom()) {
      if (message.state !== "queued" || this.#sending.has(message.roomId) || this.#fresh.includes(message)) continue;
      if (message.retryAtMs !== null && message.retryAtMs > nowMs) nextMs = Math.min(nextMs, message.retryAtMs);
      else void this.#send(message);
    }
    if (nextMs < Infinity) this.#timer = setTimeout(() => this.#pump(), nextMs - nowMs);
  }

  async #send(message: OutgoingMessage): Promise<void> {
    const isIt = (other: OutgoingMessage) => other.clientMessageId === message.clientMessageId;
    this.#sending.add(message.roomId);
    try {
      let isOurs = false;
      await this.#change((other) => {
        if (!isIt(other) || other.state !== "queued") return other;
        isOurs = true;
        return this.#with(other, { state: "sending" });
      });
      // Else it was discarded, or seen in the room, a moment ago.
      if (!isOurs) return;
      const outcome = await this.#attempt(message);
      const isNews = outcome.state === "sent";
      await this.#change((other) =>
        isIt(other) && (other.state === "sending" || isNews) ? this.#with(other, outcome) : this.#unlessOver(other),
      );
    } finally {
      this.#sending.delete(message.roomId);
      this.#pump();
    }
  }

  async #attempt(message: OutgoingMessage): Promise<Partial<OutgoingMessage>> {
    try {
      // It enters the room before it leaves the outbox, so that it never blinks.
      const stored = await this.#port.send(message);
      this.#port.onSent(stored);
      return { state: "sent", number: stored.number, failures: 0 };
    } catch (error) {
      const fault = readFault(error);
      const reason = faultText(error);
      const isSignedOut = fault.code === "UNAUTHORIZED" || fault.reason === "SIGNED_IN_AS_ANOTHER";
      // A process of before a deploy may not know all of the input yet.
      const isUnknown = fault.reason === "INVALID_INPUT" && message.failures < MOST_UNKNOWN;
      if (!isSignedOut && !isUnknown && !isPassing(fault)) return { state: "failed", reason };
      const nowMs = this.#port.now();
      const holdUntilMs = fault.rateLimit ? nowMs + fault.rateLimit.retryAfterMs : null;
      const earliestMs = holdUntilMs ?? nowMs + (isSignedOut ? SIGNED_OUT_PAUSE_MS : 0);
      const retryAtMs = earliestMs + retryDelayMs(message.failures);
      return { state: "queued", reason, retryAtMs, holdUntilMs, failures: message.failures + 1 };
    }
  }
}
