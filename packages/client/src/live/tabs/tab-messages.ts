import type { TopicError } from "../feed/feed-source.ts";

/** A topic as a tab wants it, from where it stands. */
export interface WantedTopic {
  readonly key: string;
  readonly path: string;
  readonly input: unknown;
  readonly lastEventId: string | undefined;
}

/** What becomes of a topic, as the leading tab tells it. */
export type TopicEvent =
  | { readonly type: "started" }
  | { readonly type: "data"; readonly id: string; readonly data: unknown }
  | { readonly type: "lost"; readonly why: string; readonly retryAtMs: number | null }
  | { readonly type: "error"; readonly error: TopicError }
  | { readonly type: "end" };

/** On the channel of all tabs. `leader` names a term: a tab that leads again does so under another name. */
export type CommonMessage =
  | { readonly kind: "lead"; readonly leader: string }
  /** Is there a leader? */
  | { readonly kind: "who" }
  /** Everything the tab wants, now. */
  | { readonly kind: "want"; readonly leader: string; readonly tab: string; readonly topics: readonly WantedTopic[] }
  /** The tab has taken so many more events. */
  | { readonly kind: "taken"; readonly leader: string; readonly tab: string; readonly count: number }
  | { readonly kind: "ping"; readonly leader: string; readonly tab: string }
  | { readonly kind: "restart"; readonly leader: string };

/** On the channel of one tab. */
export type TabMessage =
  | { readonly kind: "event"; readonly leader: string; readonly key: string; readonly event: TopicEvent }
  | { readonly kind: "pong"; readonly leader: string }
  /** The tab was too slow and its topics rest: it shall say what it wants, from where it stands by then. */
  | { readonly kind: "again"; readonly leader: string };
