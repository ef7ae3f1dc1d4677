// A process of Cardinal that sends messages and serves nobody, as the worker does.
import { roomQueries } from "@cardinal/db";
import { sendMessage } from "@cardinal/api/use-cases";
import { serveSender } from "../sender.ts";
import { openDeps } from "./open-deps.ts";

const [databasePath = "", redisUrl = "", prefix = ""] = process.argv.slice(2);
const { deps, close } = await openDeps({ databasePath, redisUrl, prefix });
const authors = new Map<string, readonly string[]>();
let turn = 0;
const closable = {
  path: databasePath,
  close: () => deps.db.close(),
  [Symbol.asyncDispose]: () => deps.db.close(),
};

serveSender(async (roomId, body, committed) => {
  const clientMessageId = deps.newId();
  const authorId = await nextAuthor(roomId);
  // The use-case rings the doorbell after the commit; the stamp belongs between the two.
  const db: typeof deps.db = {
    ...closable,
    read: (fn) => deps.db.read(fn),
    write: async (fn) => {
      const stored = await deps.db.write(fn);
      committed();
      return stored;
    },
  };
  await sendMessage({ ...deps, db }, { authorId, roomId, body, clientMessageId });
});

process.channel?.ref();
process.on("SIGTERM", () => {
  close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});

async function nextAuthor(roomId: string): Promise<string> {
  let members = authors.get(roomId);
  if (members === undefined) {
    const found = await deps.db.read((tx) => roomQueries.listMembers(tx, roomId));
    members = found.map(({ id }) => id);
    authors.set(roomId, members);
  }
  turn += 1;
  return members[turn % members.length] ?? "";
}
