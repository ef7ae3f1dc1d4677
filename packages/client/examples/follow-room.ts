// Follows a room from here on, over reconnects, without a gap. Ends after COUNT messages, or with Ctrl-C.
//
//   node examples/follow-room.ts general 3
import { readFault } from "@cardinal/client";
import { signIn } from "./settings.ts";

const [slug, count = "Infinity"] = process.argv.slice(2);

using client = await signIn();
const { rooms } = await client.trpc.room.list.query();
const room = rooms.find((candidate) => (slug === undefined ? candidate.isMember : candidate.slug === slug));
if (!room)
  throw new Error(`no room ${slug}; there are ${rooms.map((candidate) => candidate.slug).join(", ")}`);

// The page of history says where it ends; the stream begins exactly there.
const page = await client.trpc.chat.history.query({ roomId: room.id, limit: 5 });
for (const { author, body } of page.messages) console.log(`  ${author.displayName}: ${body}`);

client.connection.subscribe(() => console.log(`-- ${client.connection.state}`));
const stopping = new AbortController();
process.on("SIGINT", () => stopping.abort());

let left = Number(count);
const cursor = `${page.epoch}.${page.asOfSeq}`;
try {
  for await (const { data } of client.live.chat.onEvent({ roomId: room.id, cursor }, { signal: stopping.signal })) {
    if (data.kind === "reset") console.log("-- too much was missed: fetch the newest page again");
    if (data.kind !== "batch") continue;
    for (const { kind, message } of data.events) {
      console.log(`${message.author.displayName} (${kind} ${message.number}): ${message.body}`);
      left -= 1;
    }
    if (left <= 0) break;
  }
} catch (error) {
  console.error(`refused: ${readFault(error).message}`);
  process.exitCode = 1;
}
