import { type Socket, connect } from "node:net";
import type { ProxyCounters, ProxyFault } from "./proxy-fault.ts";

type Direction = "requests" | "replies";

/** The end of one side's stream, queued behind its bytes. */
const end = Symbol("end");

/** One client connection with its connection to the target. */
export class ProxyConnection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #fault: () => ProxyFault;
  readonly #counters: ProxyCounters;
  readonly #held: { requests: (Buffer | typeof end)[]; replies: (Buffer | typeof end)[] } = {
    requests: [],
    replies: [],
  };
  readonly #dueAtMs = { requests: 0, replies: 0 };
  #dropped = { requests: false, replies: false };
  #losesReply = false;

  constructor(
    client: Socket,
    target: { host: string; port: number },
    fault: () => ProxyFault,
    counters: ProxyCounters,
  ) {
    this.#client = client;
    this.#fault = fault;
    this.#counters = counters;
    this.#upstream = connect({ ...target, allowHalfOpen: true, noDelay: true });
    this.#attach(client, "requests");
    this.#attach(this.#upstream, "replies");
    client.once("close", () => this.#upstream.destroy());
    this.#upstream.once("close", () => {
      if (!this.#isSilent()) client.destroy();
    });
    if (fault().mode === "reset") this.reset();
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#upstream.destroy();
  }

  /** Forwards what was held back; a cut mode sees it as if it came now. */
  modeChanged(): void {
    if (this.#fault().mode === "stall") return;
    for (const direction of ["requests", "replies"] as const) {
      const waiting = this.#held[direction].splice(0);
      for (const item of waiting) this.#arrived(direction, item);
    }
    if (this.#upstream.destroyed && !this.#isSilent()) this.#client.destroy();
  }

  #attach(socket: Socket, direction: Direction): void {
    socket.on("data", (chunk) => this.#arrived(direction, chunk));
    socket.once("end", () => this.#arrived(direction, end));
    socket.on("error", () => {});
  }

  #arrived(direction: Direction, item: Buffer | typeof end): void {
    const fault = this.#fault();
    if (fault.drops(direction)) this.#dropped[direction] = true;
    if (this.#dropped[direction]) return;
    if (fault.mode === "stall") {
      this.#held[direction].push(item);
      return;
    }
    const delayMs = fault.delayMs();
    const now = performance.now();
    const dueAtMs = Math.max(this.#dueAtMs[direction], now + delayMs);
    if (dueAtMs <= now) {
      this.#forward(direction, item);
      return;
    }
    this.#dueAtMs[direction] = dueAtMs;
    setTimeout(() => this.#forward(direction, item), dueAtMs - now);
  }

  #forward(direction: Direction, item: Buffer | typeof end): void {
    const to = direction === "requests" ? this.#upstream : this.#client;
    if (item === end) {
      to.end();
      return;
    }
    this.#counters[direction] += 1;
    if (direction === "requests" && this.#fault().hits(item)) {
      this.#counters.cuts += 1;
      if (this.#fault().mode === "cut-before-request") {
        this.#client.destroy();
        return;
      }
      this.#losesReply = true;
    }
    if (direction === "replies" && this.#losesReply) {
      // The end of the stream, not a reset: the target still carries out everything it was sent. The client is
      // closed when the target has closed.
      this.#upstream.end();
      return;
    }
    const from = direction === "requests" ? this.#client : this.#upstream;
    if (!to.writable || to.write(item)) return;
    from.pause();
    to.once("drain", () => from.resume());
  }

  /** Whether the client must not learn that the target is gone. */
  #isSilent(): boolean {
    return this.#fault().mode === "stall" || this.#dropped.requests || this.#dropped.replies;
  }
}
