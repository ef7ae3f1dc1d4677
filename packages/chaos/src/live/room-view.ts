import type { ChatHistory, ChatOnEventFrame, Message } from "@cardinal/api/schemas";

/** A place in a room's log. */
export interface Place {
  readonly epoch: string;
  readonly seq: number;
}

/** An event as the log has it. */
export interface SeenEvent {
  readonly seq: number;
  readonly kind: string;
}

/**
 * A room as one client sees it, built from the page it read and the frames it got, and nothing else. Whatever breaks
 * the stream's promise is kept in `faults`: an event that is missing, comes twice or out of order, or a frame whose
 * id is not where it leads.
 */
export class RoomView {
  readonly faults: string[] = [];
  /** Every event of the stream since the last page. */
  readonly events: SeenEvent[] = [];
  readonly messages = new Map<string, Message>();
  resets = 0;
  /** Where the stream stands: what a client comes back with. */
  #stream: Place | null = null;
  /** The page's own place: events up to it are in it. */
  #page: Place | null = null;
  /** Where the last reset led: the page must be as new. */
  #reset: Place | null = null;
  /** Events that came while the page is being read. */
  #waiting: ChatOnEventFrame[] = [];

  get stream(): Place | null {
    return this.#stream;
  }

  /** Where the view stands; null before the page is there. */
  get position(): Place | null {
    return this.#page && this.#stream && this.#stream.seq > this.#page.seq ? this.#stream : this.#page;
  }

  get firstNumber(): number {
    return Math.min(...[...this.messages.values()].map(({ number }) => number));
  }

  get needsPage(): boolean {
    return this.#page === null;
  }

  /** The newest page, first or again after a reset. */
  readPage(page: ChatHistory): void {
    const reset = this.#reset;
    if (reset && (page.epoch !== reset.epoch || page.asOfSeq < reset.seq)) {
      this.faults.push(`a page of ${page.asOfSeq} after a reset to ${reset.seq}`);
      return;
    }
    this.#page = { epoch: page.epoch, seq: page.asOfSeq };
    this.#stream ??= this.#page;
    this.messages.clear();
    this.events.length = 0;
    for (const message of page.messages) this.messages.set(message.id, message);
    for (const frame of this.#waiting.splice(0)) this.#apply(frame);
  }

  /** One frame of the stream, in the order in which it came. */
  hear(id: string, frame: ChatOnEventFrame): void {
    const stands = this.#stream;
    if (frame.kind === "reset") {
      this.resets += 1;
      this.#stream = { epoch: frame.epoch, seq: frame.head };
      this.#reset = this.#stream;
      this.#page = null;
      this.#waiting = [];
    } else if (frame.kind === "batch") {
      let expected = (stands?.seq ?? 0) + 1;
      for (const { seq } of frame.events) {
        if (seq !== expected) this.faults.push(`event ${seq} where ${expected} was due`);
        expected = seq + 1;
      }
      this.#stream = { epoch: stands?.epoch ?? "", seq: expected - 1 };
      if (frame.events.length === 0) this.faults.push("a batch without events");
      if (this.#page === null) this.#waiting.push(frame);
      else this.#apply(frame);
    } else if (frame.kind === "ready") {
      const isWhereItWas = frame.head === stands?.seq && frame.epoch === stands.epoch;
      if (!isWhereItWas) this.faults.push(`ready at ${frame.head} where ${stands?.seq} was due`);
    }
    const leadsTo = `${this.#stream?.epoch}.${this.#stream?.seq}`;
    if (id !== leadsTo) this.faults.push(`a ${frame.kind} with the id ${id} that leads to ${leadsTo}`);
  }

  #apply(frame: ChatOnEventFrame): void {
    if (frame.kind !== "batch") return;
    for (const { seq, kind, message } of frame.events) {
      if (seq <= (this.#page?.seq ?? 0)) continue;
      this.events.push({ seq, kind });
      const known = this.messages.get(message.id);
      // Of a message older than the page nothing is shown.
      if (known === undefined && kind !== "message") continue;
      if (known === undefined || message.seq >= known.seq) this.messages.set(message.id, message);
    }
  }
}
