import { setTimeout as wait } from "node:timers/promises";
import { type CardinalClient, createCardinalClient, type LiveTransport, readFault } from "@cardinal/client";
import { type Balancer, startBalancer } from "@cardinal/dev";
import { RoomView } from "./room-view.ts";
import type { Member, World } from "./world.ts";

const PAGE_SIZE = 100;
const RETRY_PAGE_MS = 60;
const PAGE_WITHIN_MS = 3_000;

export interface ReaderOptions {
  readonly world: World;
  readonly roomId: string;
  readonly member: Member;
  readonly transport: LiveTransport;
  readonly trace?: (line: string) => void;
  /** What his connections go through; one of his own without it. */
  readonly gate?: Balancer;
}

/** The connection's state from a moment on. */
export interface StateChange {
  readonly state: string;
  readonly atMs: number;
}

/**
 * A member who follows a room as a client does: reads the newest page, subscribes from its place, applies what comes,
 * and reads the page again when he is told to. His connections go through a gate, which can cut them and stop reading.
 */
export class Reader implements AsyncDisposable {
  readonly view = new RoomView();
  /** Errors that ended a subscription: none may. */
  readonly refusals: string[] = [];
  readonly states: StateChange[] = [];
  readonly gate: Balancer;
  readonly #options: ReaderOptions;
  #transport: LiveTransport;
  #client: CardinalClient | undefined;
  #unsubscribe: (() => void) | undefined;
  #reading: Promise<void> | undefined;
  #session = 0;

  private constructor(options: ReaderOptions, gate: Balancer) {
    this.#options = options;
    this.#transport = options.transport;
    this.gate = gate;
  }

  static async open(options: ReaderOptions): Promise<Reader> {
    const gate = options.gate ?? (await startBalancer({ targets: () => options.world.ports() }));
    const reader = new Reader(options, gate);
    reader.comeBack();
    return reader;
  }

  get transport(): LiveTransport {
    return this.#transport;
  }

  get isHere(): boolean {
    return this.#client !== undefined;
  }

  get state(): string {
    return this.#client?.connection.state ?? "away";
  }

  /** Opens a client that goes on where the view stands. */
  comeBack(): void {
    if (this.#client) return;
    const { member, roomId } = this.#options;
    this.#session += 1;
    const session = this.#session;
    const client = createCardinalClient({ url: this.gate.url(), token: member.token, transport: this.#transport });
    this.#client = client;
    client.connection.subscribe(() => this.#noteState(client));
    this.#reading = this.#follow(client, session, roomId);
  }

  /** Closes the client, as a page that is left. */
  leave(): void {
    this.#session += 1;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#client?.close();
    this.#client = undefined;
  }

  /** Leaves, and comes back over the other transport with the same place in the log. */
  switchTransport(): void {
    this.leave();
    this.#transport = this.#transport === "sse" ? "websocket" : "sse";
    this.comeBack();
  }

  /** As when the network came back: tries at once. */
  restart(): void {
    this.#client?.restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave();
    if (this.#options.gate === undefined) await this.gate.stop();
    await this.#reading;
  }

  #noteState(client: CardinalClient): void {
    const { state } = client.connection;
    if (this.states.at(-1)?.state !== state) this.states.push({ state, atMs: performance.now() });
  }

  async #follow(client: CardinalClient, session: number, roomId: string): Promise<void> {
    if (this.view.stream === null) await this.#readPage(client, session);
    const place = this.view.stream;
    if (session !== this.#session || place === null) return;
    const subscription = client.trpc.chat.onEvent.subscribe(
      { roomId, cursor: `${place.epoch}.${place.seq}` },
      {
        onData: ({ id, data }) => {
          if (session !== this.#session) return;
          this.view.hear(id, data);
          if (data.kind === "reset") this.#options.trace?.(`reset to ${data.head}`);
          if (this.view.needsPage) void this.#readPage(client, session);
        },
        onError: (error) => {
          if (session === this.#session) this.refusals.push(JSON.stringify(readFault(error)));
        },
        onComplete: () => {
          if (session === this.#session) this.refusals.push("completed");
        },
      },
    );
    if (session !== this.#session) subscription.unsubscribe();
    else this.#unsubscribe = () => subscription.unsubscribe();
    if (this.view.needsPage) await this.#readPage(client, session);
  }

  async #readPage(client: CardinalClient, session: number): Promise<void> {
    const { roomId } = this.#options;
    while (session === this.#session && this.view.needsPage) {
      try {
        const signal = AbortSignal.timeout(PAGE_WITHIN_MS);
        const page = await client.trpc.chat.history.query({ roomId, limit: PAGE_SIZE }, { signal });
        if (session === this.#session && this.view.needsPage) this.view.readPage(page);
      } catch {
        await wait(RETRY_PAGE_MS);
      }
      if (this.view.needsPage) await wait(RETRY_PAGE_MS);
    }
  }
}
