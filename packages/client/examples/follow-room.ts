// Follows a room from here on, over reconnects, without a gap. Ends after COUNT messages, or with Ctrl-C.
//
//   node examples/follow-room.ts general 3
import { signIn } from "./settings.ts";

const [slug, count = "Infinity"] = process.argv.slice(2);

const client = await signIn();
const { rooms } = await client.trpc.room.list.query();
const room = rooms.find((candidate) => (slug === undefined ? candidate.isMember : candidate.slug === slug));
if (!room)
  throw new Error(`no room ${slug}; there are ${rooms.map((candidate) => candidate.slug).join(", ")}`);

// The page of history says where it ends; the stream begins exactly there.
const page = await client.trpc.chat.history.query({ roomId: room.id, limit: 5 });
for (const { author, body } of page.messages) console.log(`  ${author.displayName}: ${body}`);

let left = Number(count);
client.connection.subscribe(() => console.log(`-- ${client.connection.state}`));
client.trpc.chat.onEvent.subscribe(
  { roomId: room.id, cursor: `${page.epoch}.${page.asOfSeq}` },
  {
    onData({ data: frame }) {
      if (frame.kind === "reset") console.log("-- too much was missed: fetch the newest page again");
      if (frame.kind !== "batch") return;
      for (const { kind, message } of frame.events) {
        console.log(`${message.author.displayName} (${kind} ${message.number}): ${message.body}`);
        left -= 1;
      }
      if (left <= 0) client.close();
    },
    onError(error) {
      console.error(`refused: ${error.message}`);
      client.close();
      process.exitCode = 1;
    },
  },
);
process.on("SIGINT", () => client.close());
