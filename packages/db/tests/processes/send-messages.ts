// Sends messages until it is killed: send-messages <path> <room id> <author id>.
// Prints the id of each message once its write is acknowledged.
import { writeSync } from "node:fs";
import { openDatabase } from "../../src/database/open-database.ts";
import { newId } from "../../src/new-id.ts";
import { appendMessage } from "../../src/queries/message.ts";

const [path = "", roomId = "", authorId = ""] = process.argv.slice(2);
const db = openDatabase({ path });
process.stdout.write("started\n");
for (let round = 0; ; round += 1) {
  const ids = Array.from({ length: 5 }, () => newId());
  await Promise.all(
    ids.map(async (id) => {
      const body = `round ${round} ${"x".repeat(400)}`;
      await db.write((tx) => appendMessage(tx, { id, roomId, authorId, body, nowMs: Date.now() }));
      // Synchronous, so that nothing acknowledged is lost in a buffer of ours.
      writeSync(1, `${id}\n`);
    }),
  );
}
