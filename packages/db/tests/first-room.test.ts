import { expect, test } from "vitest";
import { roomQueries } from "../src/index.ts";
import { ensureFirstRoom } from "../src/seed/ensure-first-room.ts";
import { createTempDatabase } from "./temp-database.ts";

test("a fresh installation gets one public room, once", async () => {
  await using temp = await createTempDatabase();
  expect(await ensureFirstRoom(temp.db)).toBe(true);
  expect(await ensureFirstRoom(temp.db)).toBe(false);
  const rooms = await temp.db.read((tx) => roomQueries.listForUser(tx, "nobody"));
  expect(rooms).toMatchObject([{ slug: "general", visibility: "public", isMember: false, unread: 0 }]);
});
