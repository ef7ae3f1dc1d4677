import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { freePort } from "@cardinal/dev";
import { openClient } from "../../redis-core/open-core.ts";
import type { LiveContender } from "../live-contender.ts";
import { loads } from "../loads.ts";
import { HelperProcess } from "../processes/helper-process.ts";
import { startServer } from "../processes/server-process.ts";
import { temporaryFolder } from "../processes/temporary-folder.ts";
import type { SenderAnswers } from "../sender.ts";
import { STREAMS } from "./adapters.ts";
import { ChatStore } from "./chat-store.ts";

const SERVERS = 2;

/** Two servers of a chat over socket.io with one of its adapters, and a third process of it that sends. */
export async function openSocketIo(adapter: string, redisUrl: string): Promise<LiveContender> {
  const folder = temporaryFolder("socket-io-bench-");
  const databasePath = join(folder.path, "chat.db");
  const prefix = `bench-${process.pid}-${adapter}`;
  const filled = await fill(databasePath, redisUrl, prefix);
  const args = [adapter, databasePath, redisUrl, prefix];

  return {
    name: `socket.io ${adapter}`,
    protocol: "socket.io",
    resumes: adapter === STREAMS,
    filled,
    async start() {
      await using starting = new AsyncDisposableStack();
      const script = join(import.meta.dirname, "send-messages.ts");
      const sender = starting.use(new HelperProcess<SenderAnswers>(script, { args }));
      const ports = await Promise.all(Array.from({ length: SERVERS }, () => freePort()));
      const servers = await Promise.all(
        ports.map((port) =>
          startServer(join(import.meta.dirname, "chat-server.ts"), {
            url: `http://127.0.0.1:${port}/socket.io/`,
            env: { NODE_ENV: "production" },
            args: [...args, String(port)],
          }),
        ),
      );
      servers.forEach((server) => starting.use(server));
      await sender.ask("ready");
      const started = starting.move();
      return {
        servers,
        sender,
        urls: ports.map((port) => `ws://127.0.0.1:${port}`),
        [Symbol.asyncDispose]: () => started.disposeAsync(),
      };
    },
    [Symbol.asyncDispose]: async () => folder.remove(),
  };
}

async function fill(databasePath: string, redisUrl: string, prefix: string): Promise<LiveContender["filled"]> {
  const store = new ChatStore(databasePath);
  const redis = await openClient(redisUrl);
  const userIds = store.addUsers(Math.max(...loads.map(({ rooms, clientsPerRoom }) => rooms * clientsPerRoom)));
  const tokens = await Promise.all(
    userIds.map(async (userId) => {
      const token = randomBytes(32).toString("base64url");
      await redis.set(`${prefix}:session:${token}`, userId, "EX", 86_400);
      return token;
    }),
  );
  const filled = loads.map((load) => {
    const roomIds = Array.from({ length: load.rooms }, () => store.addRoom());
    const seats = tokens.slice(0, load.rooms * load.clientsPerRoom).map((token, index) => {
      return { token, roomId: roomIds[index % load.rooms] ?? "" };
    });
    store.addMembers(seats.map(({ roomId }, index) => ({ roomId, userId: userIds[index] ?? "" })));
    return [load.name, { roomIds, seats }] as const;
  });
  store.close();
  redis.disconnect();
  return new Map(filled);
}
