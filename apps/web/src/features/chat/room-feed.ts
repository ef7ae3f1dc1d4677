import type { ChatHistory, ChatOnEventFrame, Message, RoomEvent, Typist } from "@cardinal/api/schemas";
import { retryDelayMs } from "@cardinal/client/backoff";
import { isPassing, readFault } from "@cardinal/client/errors";
import { Store } from "../../lib/store.ts";
import {
  addSent,
  applyEvents,
  cursorOf,
  hasNewer,
  joinPage,
  joins,
  logFromHistory,
  openPage,
  replaceChanged,
} from "./room-log.ts";
import type { RoomLog } from "./room-log.ts";

/** A message to show: by its id, or by its number in the room. */
export type MessagePlace = { readonly messageId: string } | { readonly number: number };

export type PagePlace = { before: number } | { after: number } | { around: MessagePlace };

export interface RoomFeedState {
  readonly log: RoomLog | null;
  /** Why the room could not be loaded; null while it loads or stands. */
  readonly error: unknown;
  readonly isLoadingOlder: boolean;
  readonly olderError: unknown;
  readonly isLoadingNewer: boolean;
  readonly newerError: unknown;
  /** Rises when the log leaves what it held for another part of the room. */
  readonly window: number;
  /** What a jump led to; another object for each jump. */
  readonly target: { readonly number: number } | null;
  /** Why a jump led nowhere. */
  readonly jumpError: unknown;
  /** Messages that arrived live since the page was opened, newest last. For announcements. */
  readonly arrivals: readonly Message[];
  /** Who else is writing now. */
  readonly typists: readonly Typist[];
}

export interface RoomFeedPort {
  history(place?: PagePlace): Promise<ChatHistory>;
  listen(
    cursor: string,
    callbacks: { onData(frame: ChatOnEventFrame): void; onError(error: unknown): void },
  ): { unsubscribe(): void };
  /** Told of every message that is new here, from an event or the newest page. */
  onMessages(messages: readonly Message[]): void;
  /** Told of what has happened; null: nobody knows what all. */
  onEvents?(events: readonly RoomEvent[] | null): void;
  onRefused?(error: unknown): void;
}

const KEPT_ARRIVALS = 50;
const INITIAL: RoomFeedState = {
  log: null,
  error: null,
  isLoadingOlder: false,
  olderError: null,
  isLoadingNewer: false,
  newerError: null,
  window: 0,
  target: null,
  jumpError: null,
  arrivals: [],
  typists: [],
};

/**
 * One room as this page knows it: a part of its history, usually the newest, more of it in both directions on demand, and
 * everything that happens from there on, without a gap and each message once. The stream begins exactly where the first
 * page ends (`asOfSeq`) and goes on whatever part is shown; when the server cannot replay (`reset`), the part is fetched
 * again and events that arrive meanwhile wait for it.
 */
export class RoomFeed {
  readonly store = new Store<RoomFeedState>(INITIAL);
  readonly #port: RoomFeedPort;
  #listening: { unsubscribe(): void } | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #held: RoomEvent[] | null = null;
  /** Of each page that is being fetched: the events since. */
  readonly #since = new Set<RoomEvent[]>();
  #run = 0;
  #jump = 0;
  /** What to jump to once the room is loaded. */
  #later: MessagePlace | null = null;
  #failures = 0;

  constructor(port: RoomFeedPort) {
    this.#port = port;
  }

  /**
   * Loads if need be and follows the room. What was loaded before stays, if it is the newest part; the server replays the
   * rest. `at` is what to show first.
   */
  start(at?: MessagePlace): void {
    if (this.#listening) return;
    const { log } = this.store.getSnapshot();
    this.#update(at ? { error: null } : { error: null, target: null, jumpError: null });
    if (log && (at || !hasNewer(log))) {
      this.#listen(log);
      if (at) void this.jumpTo(at);
    } else {
      this.#update({ log: null });
      void this.#load(at);
    }
  }

  stop(): void {
    this.#run += 1;
    clearTimeout(this.#timer);
    this.#listening?.unsubscribe();
    this.#listening = null;
    this.#held = null;
    this.#later = null;
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
    this.#update({ isLoadingOlder: true, olderError: null });
    try {
      await this.#extend({ before: oldest.number });
    } catch (olderError) {
      this.#update({ olderError });
    } finally {
      this.#update({ isLoadingOlder: false });
    }
  }

  /** Reads on towards the newest message, after a jump. */
  async loadNewer(): Promise<void> {
    const { log, isLoadingNewer } = this.store.getSnapshot();
    const newest = log?.messages.at(-1);
    if (!log || !newest || !hasNewer(log) || isLoadingNewer) return;
    this.#update({ isLoadingNewer: true, newerError: null });
    try {
      await this.#extend({ after: newest.number });
    } catch (newerError) {
      this.#update({ newerError });
    } finally {
      this.#update({ isLoadingNewer: false });
    }
  }

  /** Shows a message, fetching the part of the room it is in. What was removed or is not here is said in `jumpError`. */
  async jumpTo(place: MessagePlace): Promise<void> {
    const { log } = this.store.getSnapshot();
    if (!log) {
      this.#later = place;
      return;
    }
    const jump = ++this.#jump;
    this.#update({ jumpError: null });
    const here = find(log, place);
    if (here) {
      this.#update({ target: { number: here.number } });
      return;
    }
    try {
      await this.#open({ around: place }, () => jump === this.#jump);
    } catch (jumpError) {
      if (jump === this.#jump) this.#update({ jumpError });
    }
  }

  /** Goes back to the newest messages. */
  async jumpToLatest(): Promise<void> {
    const { log } = this.store.getSnapshot();
    const jump = ++this.#jump;
    this.#update({ target: null, jumpError: null });
    if (!log || !hasNewer(log)) return;
    try {
      await this.#open(undefined, () => jump === this.#jump);
    } catch (jumpError) {
      if (jump === this.#jump) this.#update({ jumpError });
    }
  }

  forgetJumpError(): void {
    this.#update({ jumpError: null });
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

  async #load(at?: MessagePlace): Promise<void> {
    const run = ++this.#run;
    try {
      const page = await this.#firstPage(at);
      const log = logFromHistory(page);
      if (run !== this.#run) return;
      this.#failures = 0;
      const target = at && find(log, at);
      this.#update({ log, error: null, target: target ? { number: target.number } : null });
      this.#port.onMessages(log.messages);
      this.#listen(log);
      const later = this.#later;
      this.#later = null;
      if (later) void this.jumpTo(later);
    } catch (error) {
      if (run === this.#run) this.#retryLater(error, () => void this.#load(at));
    }
  }

  /** The page about what is to be shown, or else the newest. */
  async #firstPage(at?: MessagePlace): Promise<ChatHistory> {
    if (!at) return this.#port.history();
    try {
      return await this.#port.history({ around: at });
    } catch (jumpError) {
      if (readFault(jumpError).reason !== "MESSAGE_NOT_FOUND") throw jumpError;
      this.#update({ jumpError });
      return this.#port.history();
    }
  }

  /** Fetches a page, and hands it over with the events that arrived meanwhile, unless the room was left. */
  async #fetch(place: PagePlace | undefined, take: (page: ChatHistory, since: RoomEvent[]) => void): Promise<void> {
    const run = this.#run;
    const since: RoomEvent[] = [];
    this.#since.add(since);
    try {
      const page = await this.#port.history(place);
      if (run === this.#run) take(page, since);
    } finally {
      this.#since.delete(since);
    }
  }

  #extend(place: PagePlace): Promise<void> {
    return this.#fetch(place, (page, since) => {
      const { log } = this.store.getSnapshot();
      // After a jump or a reset the window is another one, and this page may no longer join it.
      if (log && joins(log, page)) this.#update({ log: joinPage(log, page, since) });
    });
  }

  #open(place: { around: MessagePlace } | undefined, isWanted: () => boolean): Promise<void> {
    return this.#fetch(place, (page, since) => {
      const { log, window } = this.store.getSnapshot();
      if (!log || !isWanted()) return;
      const isJoined = joins(log, page);
      const next = isJoined ? joinPage(log, page, since) : openPage(log, page, since);
      const target = place && find(next, place.around);
      this.#update({
        log: next,
        window: isJoined ? window : window + 1,
        target: target ? { number: target.number } : null,
      });
      this.#port.onMessages(page.messages);
    });
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
    // Pages that are on their way belong to the log of before.
    const run = ++this.#run;
    const middle = log.messages[Math.floor(log.messages.length / 2)];
    const place = hasNewer(log) && middle ? { around: { number: middle.number } } : undefined;
    try {
      const fresh = logFromHistory(await this.#port.history(place));
      if (run !== this.#run) return;
      const held = this.#held ?? [];
      this.#held = null;
      this.#failures = 0;
      this.#update({ log: fresh, error: null });
      this.#port.onMessages(fresh.messages);
      this.#port.onEvents?.(null);
      this.#applyLive(held);
    } catch (error) {
      if (run === this.#run) this.#retryLater(error, () => void this.#refetch());
    }
  }

  #applyLive(events: readonly RoomEvent[]): void {
    const { log, arrivals } = this.store.getSnapshot();
    if (!log) return;
    const fresh = events.filter((event) => event.seq > log.seq);
    for (const since of this.#since) since.push(...fresh);
    const messages = fresh.filter(({ kind }) => kind === "message").map(({ message }) => message);
    this.#update({
      log: applyEvents(log, fresh),
      arrivals: messages.length > 0 ? [...arrivals, ...messages].slice(-KEPT_ARRIVALS) : arrivals,
    });
    this.#port.onMessages(messages);
    this.#port.onEvents?.(fresh);
  }

  #update(change: Partial<RoomFeedState>): void {
    this.store.set({ ...this.store.getSnapshot(), ...change });
  }
}

function find(log: RoomLog, place: MessagePlace): Message | undefined {
  return log.messages.find((message) =>
    "number" in place ? message.number === place.number : message.id === place.messageId,
  );
}
