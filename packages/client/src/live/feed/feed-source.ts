import type { AppRouter } from "@cardinal/api";
import type { inferProcedureInput, inferRouterError } from "@trpc/server";

/** What the server is told of one topic of a feed. */
export type WireTopic = inferProcedureInput<AppRouter["live"]["feed"]>["topics"][number];

/** A refusal as it travels, also between tabs: `TRPCClientError.from({ error })` makes an error of it. */
export type TopicError = inferRouterError<AppRouter>;

/** One entry of what the server sends. */
export type FeedFrame =
  | { key: string; started: true }
  | { key: string; id: string; data: unknown }
  | { key: string; error: TopicError }
  | { key: string; end: true };

/** A subscription as a feed carries it. */
export interface TopicRequest {
  readonly path: string;
  readonly input: unknown;
  /** Where it goes on: after the frame of this id. */
  readonly lastEventId?: string | undefined;
}

/** Told what becomes of a topic. After `onError` or `onEnd` comes nothing more. */
export interface TopicHandlers {
  /** It is being served, for the first time or again. */
  onStarted(): void;
  onData(id: string, data: unknown): void;
  /** It is not being served; the feed brings it back by itself, next at `retryAtMs`. */
  onLost(why: string, retryAtMs: number | null): void;
  onError(error: TopicError): void;
  onEnd(): void;
}

/** Where the topics of a client come from: a feed of its own, or one that tabs share. */
export interface FeedSource {
  /** Follows a topic; the result ends that. */
  follow(request: TopicRequest, handlers: TopicHandlers): () => void;
  /** Connects anew at once, as after signing in. */
  restart(): void;
  close(): void;
}
