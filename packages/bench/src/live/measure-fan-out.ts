import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { BenchmarkRun } from "../contender.ts";
import { inTurns } from "./contenders.ts";
import type { LiveContender, RunningContender } from "./live-contender.ts";
import type { Load } from "./loads.ts";
import { Clients } from "./run-clients.ts";
import { loadAverage, remark } from "./to-rows.ts";

const IDLE_MS = 2_000;
const WARM_UP_MS = 2_000;
/** What connecting so many leaves to be done is no idle time. */
const SETTLE_MS = 1_500;

/** What one run of a load gave. */
export interface FanOut {
  /** Milliseconds from commit to client. */
  readonly delays: Float32Array;
  /** Microseconds of the servers' processor time in the measured span. */
  readonly cpuUs: number;
  /** The same while everybody was connected and nobody spoke, for as long. */
  readonly idleUs: number;
}

/** Who sends: a process beside the measured servers, which then only deliver; or members, through the servers. */
export type SentBy = "process" | "members";

const done = new Map<string, Promise<ReadonlyMap<string, readonly FanOut[]>>>();

/** Runs a load once, however many cases look at it. */
export function measureFanOut(
  load: Load,
  sentBy: SentBy,
  { redisUrl, seconds, profile }: BenchmarkRun,
): Promise<ReadonlyMap<string, readonly FanOut[]>> {
  const name = sentBy === "process" ? load.name : `${load.name}, sent by members`;
  let measured = done.get(name);
  if (measured === undefined) {
    remark(`${name}: ${loadAverage()}`);
    const options = { load, name, sentBy, spanMs: seconds * 500, profile };
    measured = inTurns(redisUrl, (contender, running) => runLoad(contender, running, options));
    done.set(name, measured);
  }
  return measured;
}

interface RunOptions {
  readonly load: Load;
  readonly name: string;
  readonly sentBy: SentBy;
  readonly spanMs: number;
  readonly profile: string;
}

async function runLoad(
  contender: LiveContender,
  running: RunningContender,
  { load, name, sentBy, spanMs, profile }: RunOptions,
): Promise<FanOut> {
  const { servers, sender } = running;
  await using clients = new Clients();
  await clients.open(contender, running, load);
  await wait(SETTLE_MS);
  const idleFrom = await usedBy(servers);
  await wait(IDLE_MS);
  const idle = perMs(idleFrom, await usedBy(servers));

  const roomIds = contender.filled.get(load.name)?.roomIds ?? [];
  const schedule = { roomIds, perSecond: load.messagesPerSecond, ms: WARM_UP_MS + spanMs + 200, from: 0 };
  const sending =
    sentBy === "process"
      ? sender.askWithin(schedule.ms * 2 + 60_000, "schedule", schedule)
      : clients.speak(schedule);
  // Should a server end meanwhile, that is the error to hear of.
  sending.catch(() => undefined);
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
    const named = (index: number) => join(profile, `${contender.name} ${name} ${index}.cpuprofile`);
    await Promise.all(servers.map((server, index) => server.ask("stopProfile", named(index))));
  }

  const sent = await sending;
  const { delays, lost, twice, cut, ...came } = await clients.figures([sent], { fromMs: from.atMs, toMs: to.atMs });
  // Two members' messages may be committed in another order than they were sent.
  const disordered = sentBy === "process" ? came.disordered : 0;
  const usedUs = to.us - from.us;
  const share = (us: number) => `${(us / spanMs / 10).toFixed(1)} %`;
  remark(
    `${contender.name}, ${name}: ${delays.length} deliveries, ` +
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
