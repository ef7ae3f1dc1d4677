import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { Outlet } from "../outlet.ts";
import { Progress } from "../patience.ts";

const RECONNECT = JSON.stringify({ id: null, method: "reconnect" });

/**
 * What goes out on one WebSocket. Nothing is queued for a slow reader but the bytes his connection has not taken: who
 * writes asks `canTake` before, and is told when there is room again.
 */
export class SocketOutput {
  readonly #socket: WebSocket;
  readonly #stream: Socket;
  readonly #outlet: Outlet;
  readonly #progress = new Progress();
  #isHandedOver = false;

  /** `stream` is what the socket was upgraded from: whole messages are written to it beside the socket's own. */
  constructor(socket: WebSocket, stream: Socket, onRoom: () => void) {
    this.#socket = socket;
    this.#stream = stream;
    this.#outlet = new Outlet(stream, onRoom);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Unsent bytes. */
  get waiting(): number {
    return this.#stream.writableLength;
  }

  /** How long the reader has taken nothing of what waits for it. Finds out by being asked now and then. */
  stalledForMs(nowMs: number): number {
    return this.#progress.stalledForMs(nowMs, this.#stream.bytesWritten, this.#stream.writableLength);
  }

  canTake(): boolean {
    return !this.#isHandedOver && this.isOpen && this.#outlet.hasRoom();
  }

  /** The bytes of a whole WebSocket message, which others may be sent too. */
  writeMessage(message: Buffer): void {
    if (this.isOpen) {
      this.#stream.write(message);
    }
  }

  send(text: string): void {
    if (this.isOpen) {
      this.#socket.send(text);
    }
  }

  /**
   * Tells the client to open a new socket and move its subscriptions there, from the last frame it got. From now on
   * no stream sends on this one: a frame here that the new socket sends too, cut differently, would come twice.
   */
  handOver(): void {
    this.send(RECONNECT);
    this.#isHandedOver = true;
  }
}
