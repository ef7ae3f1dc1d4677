import type { Unsubscribable } from "@trpc/server/observable";
import { onSessionEnd } from "./session-state.ts";
import { Store } from "./store.ts";
import type { Readable } from "./store.ts";

/** `value` is null until the first frame; `error` stands once the server has refused the subscription. */
export interface TopicState<T> {
  readonly value: T | null;
  readonly error: unknown;
}

const LINGER_MS = 500;

export interface TopicCallbacks<Frame> {
  onData(frame: { data: Frame }): void;
  onError(error: unknown): void;
}

/**
 * State the server pushes, kept up while somebody reads it. The subscription ends half a second after the
 * last reader left, so that a page that mounts twice or moves on and back opens it once.
 */
export class LiveTopic<T, Frame> implements Readable<TopicState<T>> {
  readonly #open: (callbacks: TopicCallbacks<Frame>) => Unsubscribable;
  readonly #apply: (value: T | null, frame: Frame) => T | null;
  readonly #store = new Store<TopicState<T>>({ value: null, error: null });
  #readers = 0;
  #subscription: Unsubscribable | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    open: (callbacks: TopicCallbacks<Frame>) => Unsubscribable,
    apply: (value: T | null, frame: Frame) => T | null,
  ) {
    this.#open = open;
    this.#apply = apply;
  }

  readonly getSnapshot = (): TopicState<T> => this.#store.getSnapshot();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#readers += 1;
    clearTimeout(this.#timer);
    this.#subscription ??= this.#start();
    const unsubscribe = this.#store.subscribe(listener);
    return () => {
      unsubscribe();
      this.#readers -= 1;
      if (this.#readers === 0) this.#timer = setTimeout(() => this.stop(), LINGER_MS);
    };
  };

  /** Ends the subscription now; the next reader opens it again. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#subscription?.unsubscribe();
    this.#subscription = null;
  }

  #start(): Unsubscribable {
    return this.#open({
      onData: ({ data }) => {
        const value = this.#apply(this.#store.getSnapshot().value, data);
        this.#store.set({ value, error: null });
      },
      onError: (error) => {
        this.#store.set({ value: this.#store.getSnapshot().value, error });
        this.#subscription = null;
      },
    });
  }
}

/** One topic per key, made when first asked for and forgotten with the session. */
export function topicsByKey<T, Frame>(create: (key: string) => LiveTopic<T, Frame>) {
  const topics = new Map<string, LiveTopic<T, Frame>>();
  onSessionEnd(() => {
    for (const topic of topics.values()) topic.stop();
    topics.clear();
  });
  return (key: string): LiveTopic<T, Frame> => {
    const topic = topics.get(key) ?? create(key);
    topics.set(key, topic);
    return topic;
  };
}
