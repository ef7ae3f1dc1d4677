import { setTimeout as wait } from "node:timers/promises";
import type { OpenConnections } from "./open-connections.ts";
import type { LiveSocket } from "./socket/live-socket.ts";

const SERVICE_RESTART = 1012;
const MS_PER_SOCKET = 5;
const LONGEST_SPREAD_MS = 5_000;
/** How long clients have to open their new socket and let go of this one. */
const HAND_OVER_MS = 1_500;
const CLOSE_MS = 500;

/**
 * Tells every client to open a new socket and move its subscriptions there, a few at a time, so that the other
 * processes are not stormed. tRPC's client keeps the old socket until the new one is open, so its user sees
 * nothing. Whoever has not moved when the time is over is closed.
 */
export async function drainSockets(sockets: OpenConnections<LiveSocket>, graceMs: number): Promise<void> {
  const { all } = sockets;
  const spreadMs = Math.min(all.length * MS_PER_SOCKET, LONGEST_SPREAD_MS, graceMs / 2);
  const startedAtMs = performance.now();
  for (const [index, socket] of all.entries()) {
    socket.output.handOver();
    const dueMs = startedAtMs + (spreadMs * (index + 1)) / all.length;
    if (dueMs > performance.now() + 1) {
      await wait(dueMs - performance.now());
    }
  }
  await untilEmpty(sockets, Math.min(HAND_OVER_MS, graceMs));
  for (const socket of sockets.all) {
    socket.close(SERVICE_RESTART, "the server restarts");
  }
  await untilEmpty(sockets, CLOSE_MS);
  for (const socket of sockets.all) {
    socket.terminate();
  }
}

async function untilEmpty(sockets: OpenConnections<LiveSocket>, withinMs: number): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (sockets.size > 0 && performance.now() < untilMs) {
    await wait(20);
  }
}
