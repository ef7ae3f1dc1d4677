import { setTimeout as wait } from "node:timers/promises";
import { inTurns } from "./contenders.ts";
import type { LiveContender, RunningContender } from "./live-contender.ts";
import { returning } from "./loads.ts";
import { Clients } from "./run-clients.ts";
import { loadAverage, remark } from "./to-rows.ts";

const MISSED = 1_000;
const WITHIN_MS = 30_000;

/** Milliseconds until the last of a hundred clients who missed a thousand events has them all; null: it never has. */
export async function measureResume(redisUrl: string): Promise<ReadonlyMap<string, readonly (number | null)[]>> {
  remark(`resume: ${loadAverage()}`);
  return await inTurns(redisUrl, comeBack);
}

async function comeBack(contender: LiveContender, running: RunningContender): Promise<number | null> {
  const { sender } = running;
  if (!contender.resumes) {
    return null;
  }
  await using clients = new Clients();
  await clients.open(contender, running, returning);
  const roomId = contender.filled.get(returning.name)?.roomIds[0] ?? "";
  const count = returning.clientsPerRoom;
  // Each has a place to come back to.
  const seen = await sender.ask("burst", { roomId, count: 3, from: 0 });
  await clients.figures([seen], { fromMs: 0, toMs: Number.POSITIVE_INFINITY });
  await clients.cut();
  await wait(500);
  await sender.ask("burst", { roomId, count: MISSED, from: 3 });
  await wait(500);
  await clients.forget();
  const { ms, received } = await clients.comeBack(count, MISSED, WITHIN_MS);
  const due = count * MISSED;
  remark(`${contender.name}: ${count} clients back, ${received} of ${due} events in ${ms.toFixed(0)} ms; ${loadAverage()}`);
  return received === due ? ms : null;
}
