import type { Message, RepliedMessage } from "@cardinal/api/schemas";
import { isPassing, readFault } from "@cardinal/client/errors";
import { retryDelayMs } from "@cardinal/client/backoff";
import { faultText } from "../../lib/fault-text.ts";
import { Store } from "../../lib/store.ts";

/** A message as it was written. */
export interface WrittenMessage {
  readonly clientMessageId: string;
  readonly body: string;
  readonly createdAtMs: number;
  /** What it answers, if anything. */
  readonly replyTo?: RepliedMessage | undefined;
}

export interface OutgoingMessage extends WrittenMessage {
  /**
   * `waiting`: it failed in a way that passes, and will be sent again by itself. `failed`: it was refused.
   * `sent`: it is stored, and messages before it are still to be shown first.
   */
  readonly state: "queued" | "sending" | "sent" | "waiting" | "failed";
  /** Why it waits or failed, in words. */
  readonly reason: string | null;
}

/** What holds the next message back, by this page's clock; null: nothing does. */
export interface OutboxPace {
  /** When the last message was stored. */
  readonly sentAtMs: number | null;
  /** When a message that was refused as too fast goes out by itself. */
  readonly retryAtMs: number | null;
}

export interface OutboxPort {
  send(message: { clientMessageId: string; body: string; replyToId: string | null }): Promise<Message>;
  /** Shows a stored message in the room; false when others have to come first. */
  onSent(message: Message): boolean;
  load(): readonly OutgoingMessage[];
  save(messages: readonly OutgoingMessage[]): void;
}

/**
 * What a member has written and the server has not yet confirmed, for one room, in order. One message is on
 * its way at a time; the next follows when it is stored. The id chosen here makes a repeated send harmless,
 * so whatever may pass (no answer, an outage, a limit) is retried with jitter until stored or discarded.
 * Unsent messages survive a reload.
 */
export class Outbox {
  readonly store: Store<readonly OutgoingMessage[]>;
  readonly pace = new Store<OutboxPace>({ sentAtMs: null, retryAtMs: null });
  readonly #port: OutboxPort;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isSending = false;
  #isClosed = false;

  constructor(port: OutboxPort) {
    this.#port = port;
    this.store = new Store(port.load());
    this.#pump();
  }

  add(message: WrittenMessage): void {
    this.#set([...this.store.getSnapshot(), { ...message, state: "queued", reason: null }]);
    this.#pump();
  }

  /** Sends what waits or failed again, at once. */
  retry(clientMessageId?: string): void {
    clearTimeout(this.#timer);
    this.#set(
      this.store
        .getSnapshot()
        .map((message) =>
          message.state === "waiting" || message.clientMessageId === clientMessageId
            ? { ...message, state: "queued" }
            : message,
        ),
    );
    this.#pump();
  }

  discard(clientMessageId: string): void {
    this.#set(this.store.getSnapshot().filter((message) => message.clientMessageId !== clientMessageId));
    this.#pump();
  }

  /** A message of ours was seen in the room: whatever became of the answer, it is stored. */
  confirm(clientMessageIds: ReadonlySet<string>): void {
    const left = this.store
      .getSnapshot()
      .filter(({ clientMessageId }) => !clientMessageIds.has(clientMessageId));
    if (left.length < this.store.getSnapshot().length) this.#set(left);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #set(messages: readonly OutgoingMessage[]): void {
    this.store.set(messages);
    this.#port.save(messages);
  }

  #update(clientMessageId: string, change: Pick<OutgoingMessage, "state" | "reason">): void {
    this.#set(
      this.store
        .getSnapshot()
        .map((message) =>
          message.clientMessageId === clientMessageId ? { ...message, ...change } : message,
        ),
    );
  }

  #pump(): void {
    if (this.#isSending || this.#isClosed) return;
    const next = this.store.getSnapshot().find(({ state }) => state !== "failed" && state !== "sent");
    if (next?.state === "queued") void this.#send(next);
  }

  async #send({ clientMessageId, body, replyTo }: OutgoingMessage): Promise<void> {
    this.#isSending = true;
    this.#update(clientMessageId, { state: "sending", reason: null });
    try {
      const message = await this.#port.send({ clientMessageId, body, replyToId: replyTo?.id ?? null });
      this.#failures = 0;
      this.pace.set({ sentAtMs: Date.now(), retryAtMs: null });
      if (this.#isClosed) return;
      // The message enters the room before it leaves the outbox, so that it never blinks.
      if (this.#port.onSent(message)) this.confirm(new Set([clientMessageId]));
      else this.#update(clientMessageId, { state: "sent", reason: null });
    } catch (error) {
      if (this.#isClosed) return;
      this.#onFailure(clientMessageId, error);
    } finally {
      this.#isSending = false;
      this.#pump();
    }
  }

  #onFailure(clientMessageId: string, error: unknown): void {
    const fault = readFault(error);
    const reason = faultText(error);
    if (!isPassing(fault)) {
      this.#update(clientMessageId, { state: "failed", reason });
      return;
    }
    const delayMs = (fault.rateLimit?.retryAfterMs ?? 0) + retryDelayMs(this.#failures);
    this.#failures += 1;
    const retryAtMs = fault.rateLimit === null ? null : Date.now() + delayMs;
    this.pace.set({ ...this.pace.getSnapshot(), retryAtMs });
    this.#update(clientMessageId, { state: "waiting", reason });
    this.#timer = setTimeout(() => this.retry(), delayMs);
  }
}
