import { setTimeout as wait } from "node:timers/promises";
import { createCardinalClient, type LiveTransport } from "@cardinal/client";
import { askRedis, type Balancer, startBalancer } from "@cardinal/dev";
import { createRoom } from "../room.ts";
import type { World } from "../world.ts";
import { type LiveCase, MANY_MEMBERS } from "./live-case.ts";

const CLIENTS = 1_000;
const AT_ONCE = 50;
const GONE_WITHIN_MS = 30_000;

/**
 * A thousand clients come, follow a room, its presence and their inbox, and go: over both transports, half of them
 * politely and half of them cut off. Nothing of them is left: no stream, no topic, no watched session, no socket in a
 * server, and no channel in Redis but those of servers without clients.
 */
export const churn: LiveCase = {
  world: { servers: 2, members: MANY_MEMBERS },
  async run(world, scale) {
    const roomId = await createRoom(world);
    await using polite = await startBalancer({ targets: () => world.ports() });
    await using rude = await startBalancer({ targets: () => world.ports() });
    const come = async (index: number) => {
      const gate = index % 2 === 0 ? polite : rude;
      const transport = index % 4 < 2 ? "websocket" : "sse";
      return await visit(world, roomId, gate, transport, index);
    };
    const startedAtMs = performance.now();
    for (let first = 0; first < CLIENTS * scale; first += AT_ONCE) {
      const goodbyes = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => come(first + index)));
      rude.cutAll();
      goodbyes.forEach((goodbye) => goodbye());
    }
    const tookMs = Math.round(performance.now() - startedAtMs);
    const faults = await untilIdle(world);
    const { left, faults: channels } = await untilUnheard(world);
    return {
      faults: [...faults, ...channels],
      figures: { clients: CLIENTS * scale, "took ms": tookMs, "channels left": left },
    };
  },
};

/** Resolves when all its streams deliver, with what ends them. */
async function visit(
  world: World,
  roomId: string,
  gate: Balancer,
  transport: LiveTransport,
  index: number,
): Promise<() => void> {
  const client = createCardinalClient({ url: gate.url(), token: world.member(index).token, transport });
  const { trpc } = client;
  await Promise.all([
    heard((onData) => trpc.chat.onEvent.subscribe({ roomId }, { onData })),
    heard((onData) => trpc.presence.onChange.subscribe({ room: roomId }, { onData })),
    heard((onData) => trpc.inbox.onEvent.subscribe(undefined, { onData })),
  ]);
  return () => client.close();
}

async function heard(subscribe: (onData: () => void) => unknown): Promise<void> {
  await new Promise<void>((resolve) => {
    subscribe(resolve);
  });
}

/** What is left of anybody when all that may take a while has. */
async function untilIdle(world: World): Promise<string[]> {
  const deadlineMs = performance.now() + GONE_WITHIN_MS;
  for (;;) {
    const left = await Promise.all(
      world.places.map(async ({ process: server }) => {
        const { streams, holds, topics, watchedSessions, sockets } = await server.figures();
        return { streams, holds, topics, watchedSessions, sockets };
      }),
    );
    const isIdle = left.every((counts) => Object.values(counts).every((count) => count === 0));
    if (isIdle) return [];
    if (performance.now() > deadlineMs) return [`left behind: ${JSON.stringify(left)}`];
    await wait(100);
  }
}

/** What servers hear as long as they live. */
const PERMANENT = /:session:revocations$|:channel:live:\{control\}$/;

/** Waits until Redis has no channel more than servers have without clients. */
async function untilUnheard({ redis }: World): Promise<{ left: number; faults: string[] }> {
  const deadlineMs = performance.now() + GONE_WITHIN_MS;
  for (;;) {
    const lists = await Promise.all(["CHANNELS", "SHARDCHANNELS"].map((kind) => askRedis(redis, ["PUBSUB", kind])));
    const channels = lists.flatMap((list) => (Array.isArray(list) ? list.map(String) : []));
    const left = channels.filter((channel) => !PERMANENT.test(channel));
    if (left.length === 0) return { left: 0, faults: [] };
    if (performance.now() > deadlineMs) return { left: left.length, faults: [`channels left: ${left.join(" ")}`] };
    await wait(50);
  }
}
