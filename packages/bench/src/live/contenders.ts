import { openCardinal } from "./cardinal/cardinal.ts";
import type { LiveContender, RunningContender } from "./live-contender.ts";
import { REDIS, STREAMS } from "./socket-io/adapters.ts";
import { openSocketIo } from "./socket-io/socket-io.ts";

const ROUNDS = 2;

/** All who are measured, ours first. */
export async function openContenders(redisUrl: string): Promise<{
  readonly all: readonly LiveContender[];
  [Symbol.asyncDispose](): Promise<void>;
}> {
  await using opening = new AsyncDisposableStack();
  const all = [
    opening.use(await openCardinal(redisUrl)),
    opening.use(await openSocketIo(REDIS, redisUrl)),
    opening.use(await openSocketIo(STREAMS, redisUrl)),
  ];
  const opened = opening.move();
  return { all, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/**
 * Runs something on each contender in turn, on servers started for it, and all of that twice: a slow moment of the
 * machine then hits all of them alike. Figures by the contender's name.
 */
export async function inTurns<T>(
  redisUrl: string,
  run: (contender: LiveContender, running: RunningContender) => Promise<T>,
): Promise<ReadonlyMap<string, readonly T[]>> {
  await using contenders = await openContenders(redisUrl);
  const figures = new Map<string, T[]>(contenders.all.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const contender of contenders.all) {
      await using running = await contender.start();
      figures.get(contender.name)?.push(await run(contender, running));
    }
  }
  return figures;
}
