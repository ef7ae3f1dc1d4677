import type { WebSocket } from "ws";

/** More tabs and devices than this at once are no member's. */
const MOST_SOCKETS = 20;

/** Open sockets of each member. */
export class SocketCounts {
  readonly #counts = new Map<string, number>();

  /** Counts the socket as the member's until it closes. False: he has too many. */
  add(userId: string, socket: WebSocket): boolean {
    const count = this.#counts.get(userId) ?? 0;
    if (count >= MOST_SOCKETS) {
      return false;
    }
    this.#counts.set(userId, count + 1);
    socket.once("close", () => {
      const left = (this.#counts.get(userId) ?? 1) - 1;
      if (left > 0) {
        this.#counts.set(userId, left);
      } else {
        this.#counts.delete(userId);
      }
    });
    return true;
  }
}
