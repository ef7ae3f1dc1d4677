// A chat over socket.io as its users write one: the measured server.
import { createServer } from "node:http";
import { Redis } from "ioredis";
import { Server } from "socket.io";
import { adapterOf, serverOptions } from "./adapters.ts";
import { ChatStore } from "./chat-store.ts";

const [adapter = "", databasePath = "", redisUrl = "", prefix = "", port = ""] = process.argv.slice(2);
const store = new ChatStore(databasePath);
const sessions = new Redis(redisUrl);
const http = createServer();
const io = new Server(http, { ...serverOptions(adapter), adapter: adapterOf(adapter, redisUrl, prefix) });

io.use((socket, next) => {
  const token: unknown = socket.handshake.auth["token"];
  sessions.get(`${prefix}:session:${String(token)}`).then(
    (userId) => {
      socket.data.userId = userId;
      next(userId === null ? new Error("not signed in") : undefined);
    },
    (error: unknown) => next(new Error("try again", { cause: error })),
  );
});

io.on("connection", (socket) => {
  const { userId } = socket.data;
  socket.on("join", async (roomId: string, joined: () => void) => {
    if (store.isMember(roomId, userId)) {
      await socket.join(roomId);
      joined();
    }
  });
  socket.on("message", (roomId: string, body: string, clientMessageId: string, stored: (seq: number) => void) => {
    if (socket.rooms.has(roomId)) {
      const event = store.append(roomId, userId, body, clientMessageId);
      io.to(roomId).emit("message", event);
      stored(event.seq);
    }
  });
});

http.listen(Number(port), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
