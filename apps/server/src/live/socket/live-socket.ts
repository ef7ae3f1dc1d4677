import { PushStream } from "@cardinal/api";
import {
  type AnyTRPCRouter,
  callTRPCProcedure,
  getTRPCErrorFromUnknown,
  getTRPCErrorShape,
  TRPCError,
} from "@trpc/server";
import { parseTRPCMessage, type TRPCClientOutgoingMessage } from "@trpc/server/rpc";
import type { WebSocket } from "ws";
import { isIterable } from "../call-input.ts";
import type { Patience } from "../patience.ts";
import { type Call, type ConnectionParams, parse, parseParams, toCall } from "./messages.ts";
import type { SocketOutput } from "./socket-output.ts";
import { Subscription } from "./subscription.ts";
import type { CallId } from "./wire.ts";

/** What the sockets of a server have in common. */
export interface SocketHost {
  readonly router: AnyTRPCRouter;
  /** More calls in one message are refused. */
  readonly maxBatch: number;
  /** Called once a connection. Throwing closes it, after the error was sent. */
  createContext(params: ConnectionParams): Promise<object>;
  readonly patience: Patience;
  /** Something of our own failed. */
  onFailure(error: unknown): void;
}

/**
 * One WebSocket that speaks tRPC's protocol, as `wsLink` does. What `applyWSSHandler` of `@trpc/server` does with a
 * router without a transformer, this does, held to it by a test that runs against both; and beyond it: a `PushStream`
 * is pushed, without a generator for each subscription; a frame that many get is serialised once; and nothing is sent
 * to a reader who does not read.
 */
export class LiveSocket {
  readonly output: SocketOutput;
  readonly #host: SocketHost;
  readonly #socket: WebSocket;
  readonly #subscriptions = new Map<CallId, Subscription>();
  #heardAtMs = performance.now();
  /** When the ping that has no answer yet was sent. */
  #pingedAtMs: number | undefined;
  #context: Promise<object> | undefined;
  #known: object | undefined;

  constructor(host: SocketHost, socket: WebSocket, openOutput: (onRoom: () => void) => SocketOutput) {
    this.#host = host;
    this.#socket = socket;
    this.output = openOutput(() => this.#onRoom());
  }

  /** With parameters they are the first message; until it comes there is no context. */
  begin({ hasParams }: { readonly hasParams: boolean }): void {
    if (!hasParams) {
      this.#createContext(() => null);
    }
  }

  get waiting(): number {
    return this.output.waiting;
  }

  get hasContext(): boolean {
    return this.#context !== undefined;
  }

  receive(data: Buffer, isBinary: boolean): void {
    const text = isBinary ? null : data.toString();
    this.#heardAtMs = performance.now();
    this.#pingedAtMs = undefined;
    if (text === "PONG") {
      return;
    }
    if (text === "PING") {
      this.output.send("PONG");
      return;
    }
    if (this.#context === undefined) {
      this.#createContext(() => parseParams(text));
      return;
    }
    let messages: unknown[];
    try {
      const parsed: unknown = parse(text);
      messages = Array.isArray(parsed) ? parsed : [parsed];
      if (Array.isArray(parsed) && messages.length > this.#host.maxBatch) {
        this.#refuseBatch(messages);
        return;
      }
      const { transformer } = this.#host.router._def._config;
      messages.map((raw) => parseTRPCMessage(raw, transformer)).forEach((message, index) => this.#handle(message, index));
    } catch (cause) {
      this.#fail(null, new TRPCError({ code: "PARSE_ERROR", cause }));
    }
  }

  /** Everything on it ends. */
  closed(): void {
    const all = [...this.#subscriptions.values()];
    this.#subscriptions.clear();
    all.forEach((subscription) => subscription.stop());
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Cuts a reader that takes nothing, and a client that does not answer; asks one that was quiet. */
  checkLife(nowMs: number): void {
    const { pingAfterMs, pongWithinMs, stalledAfterMs } = this.#host.patience;
    if (this.output.stalledForMs(nowMs) > stalledAfterMs) {
      this.terminate();
    } else if (this.#pingedAtMs !== undefined) {
      // Behind what waits, the question may not have come through yet.
      if (this.waiting === 0 && nowMs - this.#pingedAtMs > pongWithinMs) {
        this.terminate();
      }
    } else if (nowMs - this.#heardAtMs > pingAfterMs) {
      this.#pingedAtMs = nowMs;
      this.output.send("PING");
    }
  }

  #onRoom(): void {
    for (const subscription of this.#subscriptions.values()) {
      subscription.resume();
    }
  }

  #createContext(params: () => ConnectionParams): void {
    this.#context = (async () => await this.#host.createContext(params()))();
    this.#context.then(
      (context) => {
        this.#known = context;
      },
      (cause: unknown) => {
        this.#fail(null, getTRPCErrorFromUnknown(cause));
        setImmediate(() => this.#socket.close());
      },
    );
  }

  #handle(message: TRPCClientOutgoingMessage, index: number): void {
    const { id } = message;
    if (id === null) {
      this.#fail(null, new TRPCError({ code: "PARSE_ERROR", message: "`id` is required" }));
      return;
    }
    if (message.method === "subscription.stop") {
      this.#stop(id);
      return;
    }
    const call = toCall(id, message, index);
    if (call.type !== "subscription") {
      void this.#answer(call);
    } else if (this.#subscriptions.has(id)) {
      this.#fail(call, new TRPCError({ code: "BAD_REQUEST", message: `Duplicate id ${id}` }));
    } else {
      const subscription = new Subscription(call, this.output, this.#finish);
      this.#subscriptions.set(id, subscription);
      void this.#subscribe(subscription);
    }
  }

  async #answer(call: Call): Promise<void> {
    try {
      const data = await this.#run(call, undefined);
      if (isIterable(data)) {
        const message = `Cannot return an async iterable or observable from a ${call.type} procedure with WebSockets`;
        throw new TRPCError({ code: "UNSUPPORTED_MEDIA_TYPE", message });
      }
      this.#respond(call, { result: { type: "data", data } });
    } catch (cause) {
      this.#fail(call, getTRPCErrorFromUnknown(cause));
    }
  }

  async #subscribe(subscription: Subscription): Promise<void> {
    const { call, signal } = subscription;
    try {
      const result = await this.#run(call, signal);
      const isPushed = result instanceof PushStream;
      if (!isPushed && !isIterable(result)) {
        const message = `Subscription ${call.path} did not return an observable or a AsyncGenerator`;
        throw new TRPCError({ code: "INTERNAL_SERVER_ERROR", message });
      }
      if (subscription.hasStopped || !this.output.isOpen) {
        await (isPushed ? undefined : result[Symbol.asyncIterator]().return?.());
      } else {
        subscription.hasStarted = true;
        this.#respond(call, { result: { type: "started" } });
        if (isPushed) {
          subscription.push(result);
          return;
        }
        await subscription.iterate(result);
      }
      this.#finish(subscription, null);
    } catch (cause) {
      const error = getTRPCErrorFromUnknown(cause);
      const isAbort = subscription.hasStopped && error.cause?.name === "AbortError";
      this.#finish(subscription, isAbort ? null : error);
    }
  }

  /** The call is over, and its id is free again before the client hears so. */
  readonly #finish = (subscription: Subscription, error: TRPCError | null): void => {
    const { call } = subscription;
    if (this.#subscriptions.get(call.id) === subscription) {
      this.#subscriptions.delete(call.id);
    }
    subscription.stop();
    if (error !== null) {
      this.#fail(call, error);
    }
    if (error === null || subscription.hasStarted) {
      this.#respond(call, { result: { type: "stopped" } });
    }
  };

  #stop(id: CallId): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription?.isPushed === true) {
      this.#finish(subscription, null);
    } else {
      // It says `stopped` when what it waits for has settled.
      subscription?.stop();
    }
  }

  async #run(call: Call, signal: AbortSignal | undefined): Promise<unknown> {
    const ctx = await this.#context;
    if (signal?.aborted) {
      throw signal.reason;
    }
    return await callTRPCProcedure({
      router: this.#host.router,
      path: call.path,
      getRawInput: async () => call.input,
      ctx,
      type: call.type,
      signal,
      batchIndex: call.index,
    });
  }

  #refuseBatch(messages: readonly unknown[]): void {
    const error = new TRPCError({ code: "BAD_REQUEST", message: "Batch call exceeds maximum size" });
    const calls = messages.flatMap((raw) => {
      const { id, method, jsonrpc }: { id?: unknown; method?: unknown; jsonrpc?: unknown } = Object(raw);
      const isCall = method !== "subscription.stop" && (typeof id === "number" || typeof id === "string");
      return isCall ? [{ id, jsonrpc: jsonrpc === "2.0" ? ("2.0" as const) : undefined }] : [];
    });
    for (const call of calls) {
      this.#fail(call, error);
    }
    if (calls.length === 0) {
      this.#fail(null, error);
    }
  }

  #respond({ id, jsonrpc }: Pick<Call, "id" | "jsonrpc">, answer: object): void {
    this.output.send(JSON.stringify({ id, jsonrpc, ...answer }));
  }

  #fail(call: (Pick<Call, "id" | "jsonrpc"> & Partial<Call>) | null, error: TRPCError): void {
    try {
      const shape = getTRPCErrorShape({
        config: this.#host.router._def._config,
        error,
        type: call?.type ?? "unknown",
        path: call?.path,
        input: call?.input,
        ctx: this.#known,
      });
      this.output.send(JSON.stringify({ id: call?.id ?? null, jsonrpc: call?.jsonrpc, error: shape }));
    } catch (failure) {
      this.#host.onFailure(failure);
    }
  }
}
