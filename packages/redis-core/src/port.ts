import type { Script } from "./script/define-script.ts";

/** What a command answers, whatever the client library: text, an integer, nothing, or a list of these. */
export type RedisReply = string | number | null | RedisReply[];

export type RedisArgument = string | number;

/** How one call behaves. All fields are optional. */
export interface CallOptions {
  /** Milliseconds until the call fails; the port's own default otherwise. */
  readonly deadlineMs?: number | undefined;
  /** Gives the call up early. What was sent may still run. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether the port may send the call a second time when its reply was lost. `"once"` is right only for
   * calls that Redis recognises when it sees them again (an operation id, a token). Default `"never"`.
   */
  readonly resend?: "never" | "once" | undefined;
  /**
   * The script's keys may lie in several slots. Only where `capabilities.topology` is `"single"`: it lifts
   * the port's own check, and a Cluster still refuses. Default false.
   */
  readonly anySlot?: boolean | undefined;
  /** Of a run of many calls: the keys of each, which must share a slot. Default: one call with all keys. */
  readonly callKeys?: readonly (readonly string[])[] | undefined;
  /** Replicas that must have acknowledged the write; fewer within the deadline is `OutcomeUnknown`. */
  readonly waitReplicas?: number | undefined;
}

export interface BatchItem {
  readonly name: string;
  readonly keys: readonly string[];
  readonly args: readonly RedisArgument[];
}

export type BatchResult =
  | { readonly ok: true; readonly reply: RedisReply }
  | { readonly ok: false; readonly error: Error };

/** What this connection can do, found by asking the server or stated by the adapter; never by version. */
export interface RedisCapabilities {
  readonly transport: "socket" | "http";
  readonly topology: "single" | "cluster";
  readonly subscribe: boolean;
}

export interface SubscriptionHandlers {
  onMessage(message: string, channel: string): void;
  /** The connection was lost and is back: messages in between are gone. Called after re-subscribing. */
  onGap?(): void;
}

export interface SubscribeMode {
  /**
   * Subscribe to what `SPUBLISH` sends: on a Cluster it stays within the shard of the channel's slot, where
   * `PUBLISH` goes to every node. Only where `hasShardedPubSub` says so. Default false.
   */
  readonly sharded?: boolean;
}

export interface Subscription {
  /** Resolves when no further message will be delivered. Safe to call twice. */
  close(): Promise<void>;
}

/** One master of the deployment, for administration such as SCAN. */
export interface MasterPort {
  command(name: string, args: readonly RedisArgument[], options?: CallOptions): Promise<RedisReply>;
}

/**
 * All that a primitive may ask of Redis. An adapter makes it from a client library; the library's own
 * behaviour (resending, offline queues, reply guessing) is switched off behind it.
 *
 * Every method fails with `RedisUnavailable` (never sent, nothing changed), `OutcomeUnknown` (sent, reply
 * lost), `RedisReplyError` (the server's own error) or the signal's reason.
 */
export interface RedisPort {
  readonly capabilities: RedisCapabilities;
  /**
   * Runs one command: `name`, then the keys, then the arguments. A sub-command is part of the name
   * (`"MEMORY USAGE"`). One round trip. Keys must share a slot.
   */
  command(
    name: string,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options?: CallOptions,
  ): Promise<RedisReply>;
  /** Runs several commands without waiting between them. Not atomic, may span slots, a result an item. */
  batch(items: readonly BatchItem[], options?: CallOptions): Promise<BatchResult[]>;
  /** Runs a script atomically by its digest, loading it when the server does not have it. One round trip. */
  run(
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options?: CallOptions,
  ): Promise<RedisReply>;
  /** Resolves when Redis has acknowledged: a message published from now on arrives. */
  subscribe(
    channels: readonly string[],
    handlers: SubscriptionHandlers,
    mode?: SubscribeMode,
  ): Promise<Subscription>;
  /**
   * Whether sharded publish/subscribe is there and pays: a Cluster each of whose masters knows the commands. Every
   * master is asked once, never its version. False on one node, where it would change nothing.
   */
  hasShardedPubSub(): Promise<boolean>;
  /** Calls `fn` for every master, in parallel. */
  eachMaster<T>(fn: (master: MasterPort) => Promise<T>): Promise<T[]>;
  /** The Cluster slot (0–16383) of a key. */
  slotOf(key: string): number;
  /** Closes the subscriber connection the port opened. The client it was made from stays the caller's. */
  close(): Promise<void>;
}
