// Sends a message to a room, twice under one id: it is stored once.
//
//   node examples/send-message.ts general "Hello from a program"
import { randomUUID } from "node:crypto";
import { signIn } from "./settings.ts";

const [slug, body = "Hello from a program"] = process.argv.slice(2);

using client = await signIn();
const { rooms } = await client.trpc.room.list.query();
const room = rooms.find((candidate) => (slug === undefined ? candidate.isMember : candidate.slug === slug));
if (!room)
  throw new Error(`no room ${slug}; there are ${rooms.map((candidate) => candidate.slug).join(", ")}`);

// The id is the sender's: a repeat after a lost answer stores nothing new and answers the same.
const clientMessageId = randomUUID();
const first = await client.trpc.chat.send.mutate({ roomId: room.id, body, clientMessageId });
const again = await client.trpc.chat.send.mutate({ roomId: room.id, body, clientMessageId });
console.log(`${room.name}: message ${first.message.number}, sent again: message ${again.message.number}`);
