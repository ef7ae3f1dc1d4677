import type { Redis } from "@upstash/redis";
import { commandLine } from "../command-line.ts";
import { OutcomeUnknown, UnsupportedByTransport } from "../errors.ts";
import { slotOfKey } from "../keyspace/key-slot.ts";
import type {
  BatchItem,
  BatchResult,
  CallOptions,
  MasterPort,
  RedisArgument,
  RedisCapabilities,
  RedisPort,
  RedisReply,
  Subscription,
} from "../port.ts";
import { runByDigest } from "../port-calls.ts";
import type { Script } from "../script/define-script.ts";
import { type CallLimits, raceDeadline, sendWithin } from "../send-within.ts";
import { type Requester, requesterOf } from "./requester.ts";
import { toCoreError, toUpstashReplyError } from "./to-core-error.ts";

export interface UpstashPortOptions {
  /** Milliseconds for a call that sets none of its own. Default 2000: a call is an HTTP request. */
  readonly deadlineMs?: number;
  /** Refuse scripts whose keys lie in different slots. Default false. */
  readonly checkSlots?: boolean;
}

/**
 * The port over Upstash's REST API, for serverless and edge code: nothing it imports needs Node, and no
 * connection stays open. Each call is one HTTP request, a batch too (`/pipeline`).
 *
 * The client must be made with `retry: { retries: 0 }`; its `automaticDeserialization` and auto-pipelining
 * don't matter, the port works below them. A deadline aborts the request. An error of the network is
 * `RedisUnavailable` where the runtime says that the request never left, else `OutcomeUnknown`.
 *
 * Without a socket there are no subscriptions and no `waitReplicas`: both fail with `UnsupportedByTransport`
 * before anything is sent. Caches, limits, sessions, locks, boards and counters do without them.
 *
 * @example
 * import { Redis } from "@upstash/redis/cloudflare";
 * const client = new Redis({ url, token, retry: { retries: 0 } });
 * const core = createRedisCore({ redis: upstashPort(client), prefix: "shop" });
 */
export function upstashPort(client: Redis, options: UpstashPortOptions = {}): RedisPort {
  return new UpstashPort(requesterOf(client), options);
}

class UpstashPort implements RedisPort {
  readonly capabilities: RedisCapabilities = {
    transport: "http",
    topology: "single",
    subscribe: false,
  };
  readonly #requester: Requester;
  readonly #deadlineMs: number;
  readonly #checkSlots: boolean;

  constructor(requester: Requester, options: UpstashPortOptions) {
    this.#requester = requester;
    this.#deadlineMs = options.deadlineMs ?? 2_000;
    this.#checkSlots = options.checkSlots ?? false;
  }

  async command(
    name: string,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options: CallOptions = {},
  ): Promise<RedisReply> {
    return await this.#send(name, [...keys, ...args], options);
  }

  async batch(items: readonly BatchItem[], options: CallOptions = {}): Promise<BatchResult[]> {
    const body = items.map(({ name, keys, args }) => commandLine(name, [...keys, ...args]).map(String));
    if (body.length === 0) {
      return [];
    }
    try {
      assertNoReplicas(options);
      const answer = await sendWithin(this.#withDeadline(options), (limits) =>
        this.#request(["pipeline"], body, limits, "pipeline"),
      );
      const answers: readonly unknown[] = Array.isArray(answer) ? answer : [];
      return items.map(({ name }, index) => toResult(answers[index], name));
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      return items.map(() => ({ ok: false, error }));
    }
  }

  async run(
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options: CallOptions = {},
  ): Promise<RedisReply> {
    const checkSlots = this.#checkSlots;
    return await runByDigest({ script, keys, args, options, checkSlots }, (name, words, what) =>
      this.#send(name, words, options, what),
    );
  }

  async subscribe(): Promise<Subscription> {
    throw new UnsupportedByTransport(
      "subscriptions need a socket, which Upstash's REST API has not: read in intervals, or reach the same " +
        "database over TCP (its rediss:// URL) with ioredisPort or nodeRedisPort",
    );
  }

  async hasShardedPubSub(): Promise<boolean> {
    return await Promise.resolve(false);
  }

  async eachMaster<T>(fn: (master: MasterPort) => Promise<T>): Promise<T[]> {
    return [await fn({ command: (name, args, options = {}) => this.#send(name, args, options) })];
  }

  slotOf(key: string): number {
    return slotOfKey(key);
  }

  async close(): Promise<void> {}

  async #send(
    name: string,
    args: readonly RedisArgument[],
    options: CallOptions,
    what = name,
  ): Promise<RedisReply> {
    assertNoReplicas(options);
    // As text: JSON would shorten what a number cannot hold.
    const body = commandLine(name, args).map(String);
    const answer = await sendWithin(this.#withDeadline(options), (limits) =>
      this.#request([], body, limits, what),
    );
    const result = toResult(answer, what);
    if (!result.ok) {
      throw result.error;
    }
    return result.reply;
  }

  #request(
    path: string[],
    body: unknown,
    limits: CallLimits,
    what: string,
  ): Promise<unknown> {
    const leaving = new AbortController();
    const requesting = this.#requester
      .request({ path, body, signal: leaving.signal })
      .catch((error: unknown) => {
        throw toCoreError(error, body, what);
      });
    return raceDeadline(requesting, limits, (reason) => {
      // The client answers an aborted request with the reason as its result; by then nobody listens.
      leaving.abort();
      return new OutcomeUnknown(`${what}: sent, but no reply came: ${reason}`);
    });
  }

  #withDeadline(options: CallOptions): CallLimits {
    return { ...options, deadlineMs: options.deadlineMs ?? this.#deadlineMs };
  }
}

/** `{ result }` or `{ error }`. */
function toResult(answer: unknown, what: string): BatchResult {
  const fields = typeof answer === "object" && answer !== null ? answer : {};
  if ("error" in fields && typeof fields.error === "string") {
    return { ok: false, error: toUpstashReplyError(fields.error, what) };
  }
  return "result" in fields && fields.result !== undefined
    ? { ok: true, reply: toReply(fields.result) }
    : { ok: false, error: new OutcomeUnknown(`${what}: sent, but the answer has no result`) };
}

function toReply(value: unknown): RedisReply {
  if (typeof value === "string" || typeof value === "number") {
    return value;
  }
  return Array.isArray(value) ? value.map(toReply) : null;
}

/** WAIT counts the writes of its own connection, and over HTTP there is none that stays. */
function assertNoReplicas(options: CallOptions): void {
  if ((options.waitReplicas ?? 0) > 0) {
    throw new UnsupportedByTransport(
      "waitReplicas needs a socket: use ioredisPort or nodeRedisPort with the database's rediss:// URL",
    );
  }
}
