// Adds one to the view count of a post, many times: count-up <path> <post id> <times>.
// Prints the longest event loop delay in milliseconds.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openDatabase } from "../../src/database/open-database.ts";

const [path = "", postId = "", times = "0"] = process.argv.slice(2);
const delay = monitorEventLoopDelay({ resolution: 5 });
await using db = openDatabase({ path, busyTimeoutMs: 20_000 });
delay.enable();
for (let done = 0; done < Number(times); done += 1) {
  // Reads and writes back, so that an update lost between processes would show.
  await db.write((tx) => {
    const row = tx.statement<{ n: number }>("SELECT view_count AS n FROM post WHERE id = ?").get(postId);
    tx.statement("UPDATE post SET view_count = ? WHERE id = ?").run((row?.n ?? 0) + 1, postId);
  });
}
delay.disable();
process.stdout.write(`${(delay.max / 1e6).toFixed(1)}\n`);
