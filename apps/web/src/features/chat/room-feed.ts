import type { ChatHistory, ChatOnEventFrame, Message, RoomEvent, Typist } from "@cardinal/api/schemas";
import { retryDelayMs } from "@cardinal/client/backoff";
import { isPassing, readFault } from "@cardinal/client/errors";
import { Store } from "../../lib/store.ts";
import { addSent, applyEvents, cursorOf, logFromHistory, prependHistory, replaceChanged } from "./room-log.ts";
import type { RoomLog } from "./room-log.ts";

export interface RoomFeedState {
  readonly log: RoomLog | null;
  /** Why the room could not be loaded; null while it loads or stands. */
  readonly error: unknown;
  readonly isLoadingOlder: boolean;
  readonly olderError: unknown;
  /** Messages that arrived live since the page was opened, newest last. For announcements. */
  readonly arrivals: readonly Message[];
  /** Who else is writing now. */
  readonly typists: readonly Typist[];
}

export interface RoomFeedPort {
  history(before?: number): Promise<ChatHistory>;
  listen(
    cursor: string,
    callbacks: { onData(frame: ChatOnEventFrame): void; onError(error: unknown): void },
  ): { unsubscribe(): void };
  /** Told of every message that is new here, from an event or the newest page. */
  onMessages(messages: readonly Message[]): void;
  /** The room's pins may have changed. */
  onPins?(): void;
  /** The server has ended the stream. */
  onRefused?(error: unknown): void;
}

const PIN_KINDS: ReadonlySet<RoomEvent["kind"]> = new Set(["pin", "unpin", "edit", "delete"]);

const KEPT_ARRIVALS = 50;
const INITIAL: RoomFeedState = {
  log: null,
  error: null,
  isLoadingOlder: false,
  olderError: null,
  arrivals: [],
  typists: [],
};

/**
 * One room as this page knows it: the newest page of history, older pages on demand, and everything that
 * happens from there on, without a gap and each message once. The stream begins exactly where the first page
 * ends (`asOfSeq`); when the server cannot replay (`reset`), the newest page is fetched again and events that
 * arrive meanwhile wait for it.
 */
export class RoomFeed {
  readonly store = new Store<RoomFeedState>(INITIAL);
  readonly #port: RoomFeedPort;
  #listening: { unsubscribe(): void } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #held: RoomEvent[] | null = null;
  #run = 0;
  #failures = 0;

  constructor(port: RoomFeedPort) {
    this.#port = port;
  }

  /** Loads if need be and follows the room. What was loaded before stays; the server replays the rest. */
  start(): void {
    if (this.#listening) return;
    const { log } = this.store.getSnapshot();
    this.#update({ error: null });
    if (log) this.#listen(log);
    else void this.#load();
  }

  stop(): void {
    this.#run += 1;
    clearTimeout(this.#timer);
    this.#listening?.unsubscribe();
    this.#listening = null;
    this.#held = null;
    this.#update({ typists: [] });
  }

  /** Tries again after an error. */
  reload(): void {
    this.stop();
    this.start();
  }

  async loadOlder(): Promise<void> {
    const { log, isLoadingOlder } = this.store.getSnapshot();
    const oldest = log?.messages[0];
    if (!oldest || !log.hasMore || isLoadingOlder) return;
    const run = this.#run;
    this.#update({ isLoadingOlder: true, olderError: null });
    try {
      const page = await this.#port.history(oldest.number);
      const current = this.store.getSnapshot().log;
      // After a reset the window is another one, and this page no longer joins it.
      const joins = current?.messages[0]?.number === oldest.number;
      if (run === this.#run && joins) this.#update({ log: prependHistory(current, page) });
    } catch (olderError) {
      this.#update({ olderError });
    } finally {
      this.#update({ isLoadingOlder: false });
    }
  }

  /** Shows a message the server has confirmed at once; false when messages before it are still missing. */
  addSent(message: Message): boolean {
    const { log } = this.store.getSnapshot();
    const next = log && addSent(log, message);
    if (next) this.#update({ log: next });
    return next !== null;
  }

  /** Shows a message as the server has answered that it stands. */
  replaceChanged(message: Message): void {
    const { log } = this.store.getSnapshot();
    if (log) this.#update({ log: replaceChanged(log, message) });
  }

  async #load(): Promise<void> {
    const run = ++this.#run;
    try {
      const log = logFromHistory(await this.#port.history());
      if (run !== this.#run) return;
      this.#failures = 0;
      this.#update({ log, error: null });
      this.#port.onMessages(log.messages);
      this.#listen(log);
    } catch (error) {
      if (run === this.#run) this.#retryLater(error, () => void this.#load());
    }
  }

  #retryLater(error: unknown, again: () => void): void {
    this.#update({ error });
    if (!isPassing(readFault(error))) return;
    this.#timer = setTimeout(again, 1_000 + retryDelayMs(this.#failures));
    this.#failures += 1;
  }

  #listen(log: RoomLog): void {
    this.#listening = this.#port.listen(cursorOf(log), {
      onData: (frame) => this.#onFrame(frame),
      onError: (error) => {
        this.#listening = null;
        this.#update({ error });
        this.#port.onRefused?.(error);
      },
    });
  }

  #onFrame(frame: ChatOnEventFrame): void {
    if (frame.kind === "typing") this.#update({ typists: frame.members });
    if (frame.kind === "reset") void this.#refetch();
    if (frame.kind !== "batch") return;
    if (this.#held) this.#held.push(...frame.events);
    else this.#applyLive(frame.events);
  }

  async #refetch(): Promise<void> {
    const { log } = this.store.getSnapshot();
    if (!log) return;
    this.#held ??= [];
    const run = this.#run;
    try {
      const fresh = logFromHistory(await this.#port.history());
      if (run !== this.#run) return;
      const held = this.#held ?? [];
      this.#held = null;
      this.#failures = 0;
      this.#update({ log: fresh, error: null });
      this.#port.onMessages(fresh.messages);
      this.#port.onPins?.();
      this.#applyLive(held);
    } catch (error) {
      if (run === this.#run) this.#retryLater(error, () => void this.#refetch());
    }
  }

  #applyLive(events: readonly RoomEvent[]): void {
    const { log, arrivals } = this.store.getSnapshot();
    if (!log) return;
    const fresh = events.filter((event) => event.seq > log.seq);
    const messages = fresh.filter(({ kind }) => kind === "message").map(({ message }) => message);
    this.#update({
      log: applyEvents(log, fresh),
      arrivals: messages.length > 0 ? [...arrivals, ...messages].slice(-KEPT_ARRIVALS) : arrivals,
    });
    this.#port.onMessages(messages);
    if (fresh.some(({ kind }) => PIN_KINDS.has(kind))) this.#port.onPins?.();
  }

  #update(change: Partial<RoomFeedState>): void {
    this.store.set({ ...this.store.getSnapshot(), ...change });
  }
}
