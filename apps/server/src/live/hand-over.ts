import type { WebSocket } from "ws";

const RECONNECT = JSON.stringify({ id: null, method: "reconnect" });
const handedOver = new WeakSet<WebSocket>();

/**
 * Tells the client to open a new socket and move its subscriptions there, from the last frame it got. From now on
 * no stream sends on this one: a frame here that the new socket sends too, cut differently, would come twice.
 */
export function handOver(socket: WebSocket): void {
  if (socket.readyState === socket.OPEN) {
    handedOver.add(socket);
    socket.send(RECONNECT);
  }
}

export function isHandedOver(socket: WebSocket): boolean {
  return handedOver.has(socket);
}
