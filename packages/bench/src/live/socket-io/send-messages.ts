// A process of the same chat that serves nobody: it stores messages and emits them.
import { randomUUID } from "node:crypto";
import { Server } from "socket.io";
import { serveSender } from "../sender.ts";
import { adapterOf, serverOptions } from "./adapters.ts";
import { ChatStore } from "./chat-store.ts";

const [adapter = "", databasePath = "", redisUrl = "", prefix = ""] = process.argv.slice(2);
const store = new ChatStore(databasePath);
const io = new Server({ ...serverOptions(adapter), adapter: adapterOf(adapter, redisUrl, prefix) });
const authors = new Map<string, readonly string[]>();
let turn = 0;

serveSender((roomId, body, committed) => {
  const members = authors.get(roomId) ?? store.membersOf(roomId);
  authors.set(roomId, members);
  turn += 1;
  const event = store.append(roomId, members[turn % members.length] ?? "", body, randomUUID());
  committed();
  io.to(roomId).emit("message", event);
});

process.on("SIGTERM", () => process.exit(0));
