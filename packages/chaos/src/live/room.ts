import { createCardinalClient } from "@cardinal/client";
import { messageQueries, roomQueries } from "@cardinal/db";
import type { World } from "./world.ts";

/** Writes messages past every server, in one transaction: they are in the log, and nobody is told. */
export async function appendUnheard(world: World, roomId: string, count: number, characters = 20): Promise<void> {
  const { id: authorId } = world.member(0);
  await world.db.write((tx) => {
    for (let n = 0; n < count; n += 1) {
      const body = `${n} `.padEnd(characters, "x");
      messageQueries.appendMessage(tx, { roomId, authorId, body, nowMs: Date.now() });
    }
  });
}

export async function headOf(world: World, roomId: string): Promise<number> {
  return (await world.db.read((tx) => roomQueries.findHead(tx, roomId)))?.headSeq ?? 0;
}

/** A room that all members are in. */
export async function createRoom(world: World): Promise<string> {
  const { id } = await clientOf(world, 0, ({ trpc }) =>
    trpc.room.create.mutate({ name: `story ${crypto.randomUUID()}` }),
  );
  for (let index = 1; index < world.members.length; index += 1) {
    await clientOf(world, index, ({ trpc }) => trpc.room.join.mutate({ roomId: id }));
  }
  return id;
}

async function clientOf<T>(
  world: World,
  member: number,
  call: (client: ReturnType<typeof createCardinalClient>) => Promise<T>,
): Promise<T> {
  using client = createCardinalClient({ url: world.place(0).url, token: world.member(member).token });
  return await call(client);
}
