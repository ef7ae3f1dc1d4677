import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { inTurns } from "./contenders.ts";
import type { LiveContender, RunningContender } from "./live-contender.ts";
import type { Load } from "./loads.ts";
import { Clients } from "./run-clients.ts";
import { loadAverage, remark } from "./to-rows.ts";

const IDLE_MS = 2_000;
const WARM_UP_MS = 2_000;

/** What one run of a load gave. */
export interface FanOut {
  /** Milliseconds from commit to client. */
  readonly delays: Float32Array;
  /** Microseconds of the servers' processor time in the measured span. */
  readonly cpuUs: number;
  /** The same while everybody was connected and nobody spoke, for as long. */
  readonly idleUs: number;
}

const done = new Map<string, Promise<ReadonlyMap<string, readonly FanOut[]>>>();

/** Runs a load once, however many cases look at it. */
export function measureFanOut(
  load: Load,
  { redisUrl, seconds, profile }: { redisUrl: string; seconds: number; profile: string },
): Promise<ReadonlyMap<string, readonly FanOut[]>> {
  let measured = done.get(load.name);
  if (measured === undefined) {
    remark(`${load.name}: ${loadAverage()}`);
    measured = inTurns(redisUrl, (contender, running) => runLoad(contender, running, load, seconds * 500, profile));
    done.set(load.name, measured);
  }
  return measured;
}

async function runLoad(
  contender: LiveContender,
  running: RunningContender,
  load: Load,
  spanMs: number,
  profile: string,
): Promise<FanOut> {
  const { servers, sender } = running;
  await using clients = new Clients();
  await clients.open(contender, running, load);
  await wait(500);
  const idleFrom = await usedBy(servers);
  await wait(IDLE_MS);
  const idle = perMs(idleFrom, await usedBy(servers));

  const roomIds = contender.filled.get(load.name)?.roomIds ?? [];
  const sending = sender.ask("schedule", {
    roomIds,
    perSecond: load.messagesPerSecond,
    ms: WARM_UP_MS + spanMs + 200,
    from: 0,
  });
  await wait(WARM_UP_MS);
  if (profile !== "") {
    await Promise.all(servers.map((server) => server.ask("startProfile")));
  }
  const from = await usedBy(servers);
  const clientsFrom = await clients.cpuUs();
  await wait(spanMs);
  const to = await usedBy(servers);
  const clientsUs = (await clients.cpuUs()) - clientsFrom;
  if (profile !== "") {
    await mkdir(profile, { recursive: true });
    const named = (index: number) => join(profile, `${contender.name} ${load.name} ${index}.cpuprofile`);
    await Promise.all(servers.map((server, index) => server.ask("stopProfile", named(index))));
  }

  const sent = await sending;
  const { delays, lost, twice, disordered, cut } = await clients.figures([sent], { fromMs: from.atMs, toMs: to.atMs });
  const usedUs = to.us - from.us;
  const share = (us: number) => `${((us / spanMs / 10) * 1).toFixed(1)} %`;
  remark(
    `${contender.name}, ${load.name}: ${delays.length} deliveries, ` +
      (lost + twice + disordered + cut === 0
        ? "each once and in order"
        : `${lost} lost, ${twice} twice, ${disordered} clients out of order, ${cut} cut off`) +
      `; of a core: servers ${share(usedUs)}, idle ${share(idle * spanMs)}, clients ${share(clientsUs)}; ${loadAverage()}`,
  );
  return { delays, cpuUs: usedUs, idleUs: idle * (to.atMs - from.atMs) };
}

interface Used {
  readonly atMs: number;
  readonly us: number;
}

async function usedBy(servers: RunningContender["servers"]): Promise<Used> {
  const each = await Promise.all(servers.map((server) => server.ask("cpu")));
  return {
    atMs: each.reduce((sum, { atMs }) => sum + atMs, 0) / each.length,
    us: each.reduce((sum, { us }) => sum + us, 0),
  };
}

function perMs(from: Used, to: Used): number {
  return (to.us - from.us) / (to.atMs - from.atMs);
}
