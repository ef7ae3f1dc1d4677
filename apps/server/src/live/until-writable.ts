import { setTimeout as wait } from "node:timers/promises";
import type { WebSocket } from "ws";
import { isHandedOver } from "./hand-over.ts";

const HIGH_WATER_BYTES = 1024 * 1024;
const LOW_WATER_BYTES = 256 * 1024;
const LOOK_EVERY_MS = 50;
const STALLED_AFTER_MS = 30_000;

/**
 * Resolves when the socket's unsent bytes are few. `ws` keeps whatever it is given, so this wait is what bounds the
 * memory a slow reader costs. One that takes nothing for 30 s is cut off; it comes back with its cursor. On a socket
 * that was handed over it resolves when the client has let go of it.
 */
export async function untilWritable(socket: WebSocket, signal: AbortSignal): Promise<void> {
  if (isHandedOver(socket)) {
    await untilAborted(signal);
    return;
  }
  if (socket.bufferedAmount < HIGH_WATER_BYTES) {
    return;
  }
  let least = socket.bufferedAmount;
  let progressAtMs = performance.now();
  while (!signal.aborted && socket.readyState === socket.OPEN && socket.bufferedAmount > LOW_WATER_BYTES) {
    await wait(LOOK_EVERY_MS, undefined, { ref: false });
    if (socket.bufferedAmount < least) {
      least = socket.bufferedAmount;
      progressAtMs = performance.now();
    } else if (performance.now() - progressAtMs > STALLED_AFTER_MS) {
      socket.terminate();
    }
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }
}
