import { setTimeout as pause } from "node:timers/promises";
import type { Worker } from "bullmq";
import type { Cluster, Redis } from "ioredis";

/** Shared by a worker's connections: once `isOver`, a connection that is lost ends instead of coming back. */
export type ConnectionLife = { isOver: boolean; endedConnections: number };

const lookEveryMs = 50;
/** How long Redis may be away before an idle worker no longer waits for it. */
const patienceMs = 1_000;
/** Covers a connection attempt that is under way. */
const endingMs = 3_000;

/**
 * Closes a worker within `timeoutMs` and a little, Redis or not. BullMQ's own `close` needs care: it waits for commands
 * that wait for Redis, and an ioredis client told to disconnect between two attempts never ends. So without Redis the
 * connections are first let run out, which fails what waits in them.
 */
export async function closeWorker(options: {
  worker: Worker<unknown, unknown, string>;
  connection: Redis | Cluster;
  life: ConnectionLife;
  /** Whether no job is running. */
  isIdle: () => boolean;
  timeoutMs: number;
}): Promise<void> {
  const { worker, connection, life, isIdle, timeoutMs } = options;
  const startedAt = performance.now();
  let isClosed = false;

  const isReady = (): boolean => connection.status === "ready";
  const isLate = (): boolean => performance.now() - startedAt >= timeoutMs;
  /** Until `isEnough`, or Redis has been away for a while with nothing running, or time is up. */
  async function watch(isEnough: () => boolean): Promise<void> {
    let hopefulAt = performance.now();
    while (!isEnough() && !isLate()) {
      if (isReady() || !isIdle()) hopefulAt = performance.now();
      if (performance.now() - hopefulAt >= patienceMs) return;
      await pause(lookEveryMs);
    }
  }

  await watch(isReady);
  if (!isReady()) {
    life.isOver = true;
    const endedBy = performance.now() + endingMs;
    // Two: the one for commands and the one BullMQ made from it for waiting.
    while (life.endedConnections < 2 && performance.now() < endedBy) await pause(lookEveryMs);
  }
  const closing = worker.close().then(() => {
    isClosed = true;
  });
  await watch(() => isClosed);
  life.isOver = true;
  if (!isClosed && isReady()) connection.disconnect();
  await Promise.race([closing, pause(endingMs, undefined, { ref: false })]);
  connection.disconnect();
}
