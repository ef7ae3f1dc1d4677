import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  messageQueries,
  readStateQueries,
  roomEventQueries,
  roomQueries,
  RowNotFound,
  type HistoryPlace,
  type ReadTransaction,
} from "../src/index.ts";
import { addRoom, addUser, NOW_MS } from "./fixtures.ts";
import { createTempDatabase } from "./temp-database.ts";

async function createRoom() {
  const temp = await createTempDatabase();
  const made = await temp.db.write((tx) => {
    const ada = addUser(tx, "ada");
    const bo = addUser(tx, "bo");
    return { ada, bo, room: addRoom(tx, "general", [ada]) };
  });
  return { ...temp, ...made, [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose]() };
}

describe("messages", () => {
  test("are numbered without gaps when 60 are sent at once", async () => {
    await using t = await createRoom();
    const sent = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        t.db.write((tx) =>
          messageQueries.appendMessage(tx, {
            roomId: t.room.id,
            authorId: t.ada.id,
            body: `message ${index}`,
            nowMs: NOW_MS + index,
          }),
        ),
      ),
    );
    expect(sent.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    expect(sent.at(-1)?.message).toMatchObject({ number: 60, seq: 60, author: { username: "ada" } });
  });

  test("sent again under the same client id are the first one, without a second event", async () => {
    await using t = await createRoom();
    const send = (body: string) =>
      t.db.write((tx) =>
        messageQueries.appendMessage(tx, {
          roomId: t.room.id,
          authorId: t.ada.id,
          body,
          clientMessageId: "8f6f8e02-7d0a-4c1b-a9f5-0d1e2f3a4b5c",
          nowMs: NOW_MS,
        }),
      );
    const [first, second] = await Promise.all([send("hello"), send("hello, once more")]);
    expect(first).toMatchObject({ isNew: true, seq: 1, message: { body: "hello" } });
    expect(second).toMatchObject({ isNew: false, seq: 1, message: { id: first.message.id, body: "hello" } });
    const events = await t.db.read((tx) => roomEventQueries.range(tx, t.room.id, 0, 10));
    expect(events.length).toBe(1);
    // Another author may use the same id.
    const other = await t.db.write((tx) =>
      messageQueries.appendMessage(tx, {
        roomId: t.room.id,
        authorId: t.bo.id,
        body: "mine",
        clientMessageId: "8f6f8e02-7d0a-4c1b-a9f5-0d1e2f3a4b5c",
        nowMs: NOW_MS,
      }),
    );
    expect(other).toMatchObject({ isNew: true, seq: 2 });
  });

  test("in a room that does not exist fail and leave nothing behind", async () => {
    await using t = await createRoom();
    const send = t.db.write((tx) =>
      messageQueries.appendMessage(tx, { roomId: "nowhere", authorId: t.ada.id, body: "?", nowMs: NOW_MS }),
    );
    await expect(send).rejects.toThrow(RowNotFound);
    expect(
      await t.db.read((tx) => messageQueries.history(tx, { roomId: "nowhere", limit: 5 })),
    ).toBeUndefined();
  });

  test("that are edited, deleted or reacted to are new events and nobody's unread", async () => {
    await using t = await createRoom();
    const { message } = await t.db.write((tx) =>
      messageQueries.appendMessage(tx, {
        roomId: t.room.id,
        authorId: t.ada.id,
        body: "helo @bo",
        mentionedUserIds: [t.bo.id],
        nowMs: NOW_MS,
      }),
    );
    const change = { messageId: message.id, actorId: t.ada.id };
    const reaction = { messageId: message.id, userId: t.bo.id, emoji: "👍", nowMs: NOW_MS + 2 };
    await t.db.write((tx) => {
      const edited = messageQueries.edit(tx, { ...change, body: "hello @bo", nowMs: NOW_MS + 1 });
      expect(edited).toMatchObject({ seq: 2, message: { body: "hello @bo", seq: 1, lastSeq: 2, number: 1 } });
      expect(messageQueries.react(tx, { ...reaction, on: true })?.seq).toBe(3);
      expect(messageQueries.react(tx, { ...reaction, on: true })).toBeUndefined();
      expect(messageQueries.react(tx, { ...reaction, on: false })?.seq).toBe(4);
      const removed = messageQueries.remove(tx, { ...change, nowMs: NOW_MS + 3 });
      expect(removed).toMatchObject({ seq: 5, message: { body: "", deletedAtMs: NOW_MS + 3 } });
      expect(messageQueries.remove(tx, { ...change, nowMs: NOW_MS + 4 })).toBeUndefined();
      expect(messageQueries.edit(tx, { ...change, body: "back?", nowMs: NOW_MS + 5 })).toBeUndefined();
    });
    await t.db.read((tx) => {
      const events = roomEventQueries.range(tx, t.room.id, 1, 100);
      expect(events.map(({ seq, kind }) => `${seq} ${kind}`)).toEqual([
        "2 edit",
        "3 reaction",
        "4 reaction",
        "5 delete",
      ]);
      expect(events[1]?.payload).toEqual({ emoji: "👍", on: true });
      expect(roomQueries.findForUser(tx, { slug: "general" }, t.ada.id)).toMatchObject({
        headSeq: 5,
        headMessageNumber: 1,
        unread: 0,
      });
      expect(tx.statement<{ n: number }>("SELECT count(*) AS n FROM mention").get()?.n).toBe(0);
    });
  });

  test("are paged backwards with the head of the same snapshot", async () => {
    await using t = await createRoom();
    await t.db.write((tx) => {
      for (let index = 1; index <= 25; index += 1) {
        const body = `message ${index}`;
        messageQueries.appendMessage(tx, {
          roomId: t.room.id,
          authorId: t.ada.id,
          body,
          nowMs: NOW_MS + index,
        });
      }
    });
    const at = (place?: HistoryPlace) =>
      t.db.read((tx) => messageQueries.history(tx, { roomId: t.room.id, place, limit: 10 }));
    const page = (before: number) => at({ before });
    const newest = await at();
    expect(newest).toMatchObject({ hasMore: true, headNumber: 25, asOfSeq: 25 });
    expect(newest?.messages.map(({ number }) => number)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
    expect((await page(16))?.messages.at(-1)?.number).toBe(15);
    const oldest = await page(6);
    expect(oldest?.messages.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    expect(oldest?.hasMore).toBe(false);
    const numbersAt = async (place: HistoryPlace) => (await at(place))?.messages.map(({ number }) => number);
    expect(await numbersAt({ around: 12 })).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
    expect(await numbersAt({ around: 2 })).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await numbersAt({ around: 25 })).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
    expect(await numbersAt({ after: 17 })).toEqual([18, 19, 20, 21, 22, 23, 24, 25]);
    expect(await numbersAt({ after: 3 })).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    expect(await numbersAt({ after: 25 })).toEqual([]);
  });
});

describe("rooms", () => {
  test("count members and unread messages without counting rows", async () => {
    await using t = await createRoom();
    const send = () =>
      t.db.write((tx) =>
        messageQueries.appendMessage(tx, {
          roomId: t.room.id,
          authorId: t.ada.id,
          body: "hi",
          nowMs: NOW_MS,
        }),
      );
    await send();
    const ids = { roomId: t.room.id, userId: t.bo.id };
    const seenByBo = (tx: ReadTransaction) => roomQueries.listForUser(tx, t.bo.id)[0];
    expect(await t.db.read(seenByBo)).toMatchObject({ isMember: false, memberCount: 1, unread: 0 });
    expect(await t.db.write((tx) => roomQueries.join(tx, { ...ids, nowMs: NOW_MS }))).toBe(true);
    expect(await t.db.write((tx) => roomQueries.join(tx, { ...ids, nowMs: NOW_MS }))).toBe(false);
    // What was said before he joined counts as read.
    expect(await t.db.read(seenByBo)).toMatchObject({ isMember: true, memberCount: 2, unread: 0 });
    await send();
    await send();
    expect(await t.db.read(seenByBo)).toMatchObject({ unread: 2, headMessageNumber: 3 });
    expect(await t.db.read((tx) => roomQueries.isMember(tx, t.room.id, t.bo.id))).toBe(true);
    expect(await t.db.write((tx) => roomQueries.leave(tx, ids))).toBe(true);
    expect(await t.db.write((tx) => roomQueries.leave(tx, ids))).toBe(false);
    expect(await t.db.read(seenByBo)).toMatchObject({ isMember: false, memberCount: 1, unread: 0 });
  });

  test("that are private exist for their members only", async () => {
    await using t = await createRoom();
    await t.db.write((tx) => {
      const room = roomQueries.create(tx, {
        slug: "staff",
        name: "Staff",
        visibility: "private",
        nowMs: NOW_MS,
      });
      roomQueries.join(tx, { roomId: room.id, userId: t.ada.id, nowMs: NOW_MS });
    });
    await t.db.read((tx) => {
      expect(roomQueries.listForUser(tx, t.ada.id).map(({ slug }) => slug)).toEqual(["staff", "general"]);
      expect(roomQueries.listForUser(tx, t.bo.id).map(({ slug }) => slug)).toEqual(["general"]);
      expect(roomQueries.findForUser(tx, { slug: "staff" }, t.bo.id)).toBeUndefined();
    });
  });

  test("remember the furthest position of a reader, whatever order the tabs report in", async () => {
    await using t = await createRoom();
    await t.db.write((tx) => {
      for (let index = 0; index < 8; index += 1) {
        messageQueries.appendMessage(tx, {
          roomId: t.room.id,
          authorId: t.ada.id,
          body: "hi",
          nowMs: NOW_MS,
        });
      }
    });
    const read = (number: number) =>
      t.db.write((tx) =>
        readStateQueries.markRead(tx, { userId: t.bo.id, roomId: t.room.id, number, nowMs: NOW_MS }),
      );
    expect([await read(5), await read(3), await read(99), await read(-4)]).toEqual([5, 5, 8, 8]);
    const nowhere = t.db.write((tx) =>
      readStateQueries.markRead(tx, { userId: t.bo.id, roomId: "nowhere", number: 1, nowMs: NOW_MS }),
    );
    expect(await nowhere).toBeUndefined();
  });

  test("that were trimmed say where their log begins, and lose no message", async () => {
    await using t = await createRoom();
    await t.db.write((tx) => {
      for (let index = 1; index <= 20; index += 1) {
        const nowMs = NOW_MS + index;
        messageQueries.appendMessage(tx, { roomId: t.room.id, authorId: t.ada.id, body: "hi", nowMs });
      }
    });
    const trim = (options: { olderThanMs: number; keepLast: number; limit: number }) =>
      t.db.write((tx) => roomEventQueries.trim(tx, { roomId: t.room.id, ...options }));
    const toTrim = (options: { olderThanMs: number; keepLast: number }) =>
      t.db.read((tx) => roomEventQueries.listToTrim(tx, options));
    // By age.
    expect(await toTrim({ olderThanMs: NOW_MS + 9, keepLast: 99 })).toEqual([t.room.id]);
    expect(await trim({ olderThanMs: NOW_MS + 9, keepLast: 99, limit: 100 })).toBe(8);
    expect(await toTrim({ olderThanMs: NOW_MS + 9, keepLast: 99 })).toEqual([]);
    // By number, however young, a slice at a time.
    expect(await toTrim({ olderThanMs: NOW_MS, keepLast: 5 })).toEqual([t.room.id]);
    expect(await trim({ olderThanMs: NOW_MS, keepLast: 5, limit: 3 })).toBe(3);
    expect(await trim({ olderThanMs: NOW_MS, keepLast: 5, limit: 100 })).toBe(4);
    expect(await trim({ olderThanMs: NOW_MS, keepLast: 5, limit: 100 })).toBe(0);
    expect(await toTrim({ olderThanMs: NOW_MS, keepLast: 5 })).toEqual([]);
    await t.db.read((tx) => {
      expect(roomQueries.findHead(tx, t.room.id)).toMatchObject({ minSeq: 16, headSeq: 20 });
      expect(roomEventQueries.range(tx, t.room.id, 0, 99).map(({ seq }) => seq)).toEqual([
        16, 17, 18, 19, 20,
      ]);
      expect(messageQueries.history(tx, { roomId: t.room.id, limit: 99 })?.messages.length).toBe(20);
      expect(roomQueries.heads(tx, [t.room.id, "nowhere"])).toEqual(new Map([[t.room.id, 20]]));
    });
  });

  test("keep a log without gaps under any order of changes", async () => {
    await using t = await createRoom();
    const action = fc.oneof(
      fc.constant({ kind: "send" as const, on: 0 }),
      fc.record({
        kind: fc.constantFrom("edit" as const, "remove" as const, "react" as const),
        on: fc.nat(9),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
        await t.db.write((tx) => {
          const room = addRoom(
            tx,
            `room-${tx.statement<{ n: number }>("SELECT count(*) AS n FROM room").get()?.n}`,
          );
          const sent: string[] = [];
          let changes = 0;
          for (const { kind, on } of actions) {
            const messageId = sent[on % Math.max(1, sent.length)] ?? "none";
            const by = { messageId, actorId: t.ada.id, nowMs: NOW_MS };
            const change =
              kind === "send"
                ? messageQueries.appendMessage(tx, {
                    roomId: room.id,
                    authorId: t.ada.id,
                    body: "x",
                    nowMs: NOW_MS,
                  })
                : kind === "edit"
                  ? messageQueries.edit(tx, { ...by, body: "y" })
                  : kind === "remove"
                    ? messageQueries.remove(tx, by)
                    : messageQueries.react(tx, { ...by, userId: t.bo.id, emoji: "x", on: on % 2 === 0 });
            if (change !== undefined) changes += 1;
            if (kind === "send" && change !== undefined) sent.push(change.message.id);
          }
          const events = roomEventQueries.range(tx, room.id, 0, 1_000);
          expect(events.map(({ seq }) => seq)).toEqual(
            Array.from({ length: changes }, (_, index) => index + 1),
          );
          expect(roomQueries.findHead(tx, room.id)).toMatchObject({
            headSeq: changes,
            headMessageNumber: sent.length,
          });
          for (const event of events) {
            const last = events.findLast(({ message }) => message.id === event.message.id);
            expect(event.message.lastSeq).toBe(last?.seq);
          }
        });
      }),
      { numRuns: 60 },
    );
  });
});
