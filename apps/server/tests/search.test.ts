import { randomUUID } from "node:crypto";
import type { ChatSearch } from "@cardinal/api/schemas";
import { sendMessage } from "@cardinal/api/use-cases";
import { userQueries } from "@cardinal/db";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";
import { roomIdOf } from "./support/room-id-of.ts";
import type { TestClient } from "./support/test-client.ts";

let test: TestServer;
let ada: TestClient;
let bo: TestClient;
let di: TestClient;
let roomId: string;

beforeAll(async () => {
  test = await createTestServer({ redisUrl: inject("redisUrl") });
  [ada, bo, di] = await Promise.all([
    test.signedInClient("ada"),
    test.signedInClient("bo"),
    test.signedInClient("di"),
  ]);
  roomId = await roomIdOf(bo, "general");
});
afterAll(() => test[Symbol.asyncDispose]());

/** Past the limit of the API: these tests send more than a member may. */
const write = async (body: string, to = roomId, by = "bo") => {
  const { deps } = test.server.context;
  const authorId = await deps.db.read((tx) => userQueries.findByUsername(tx, by)?.id ?? "");
  return (await sendMessage(deps, { authorId, roomId: to, body, clientMessageId: randomUUID() })).message;
};
const search = async (client: TestClient, input: object): Promise<ChatSearch> => {
  const answer = await client.query("chat.search", input);
  expect(answer).toMatchObject({ status: 200 });
  return answer.data as ChatSearch;
};
const idsOf = ({ hits }: ChatSearch) => hits.map(({ message }) => message.id);

describe("search", () => {
  it("finds a message with its room and author, and says what to mark", async () => {
    const { id, number } = await write("A pelican\nnear the Café, and the café again");
    const { hits, nextCursor } = await search(ada, { query: "pelican cafe" });
    expect(nextCursor).toBeNull();
    expect(hits).toMatchObject([
      {
        room: { slug: "general" },
        message: { id, number, author: { username: "bo" } },
        snippet: { text: "A pelican near the Café, and the café again", isCutBefore: false, isCutAfter: false },
      },
    ]);
    const { text, highlights } = hits[0]!.snippet;
    expect(highlights.map(({ start, end }) => text.slice(start, end))).toEqual(["pelican", "Café", "café"]);
  });

  it("follows an edit, and forgets what was removed", async () => {
    const { id } = await write("a cormorant");
    await bo.mutate("chat.edit", { messageId: id, body: "a shag" });
    expect(idsOf(await search(ada, { query: "cormorant" }))).toEqual([]);
    expect(idsOf(await search(ada, { query: "shag" }))).toEqual([id]);
    await bo.mutate("chat.remove", { messageId: id });
    expect(idsOf(await search(ada, { query: "shag" }))).toEqual([]);
  });

  it("looks only in rooms the caller is in, as they are when he asks", async () => {
    const made = Object((await bo.mutate("room.create", { name: "Hidden hide", visibility: "private" })).data);
    const { id } = await write("the bittern booms", made.id);
    expect(idsOf(await search(bo, { query: "bittern" }))).toEqual([id]);
    expect(idsOf(await search(di, { query: "bittern" }))).toEqual([]);
    expect(await di.query("chat.search", { query: "bittern", roomId: made.id })).toMatchObject({
      error: { reason: "ROOM_NOT_FOUND" },
    });
    const { id: diId } = Object((await di.query("auth.me")).data).user;
    await bo.mutate("room.invite", { roomId: made.id, userId: diId });
    expect(idsOf(await search(di, { query: "bittern", roomId: made.id }))).toEqual([id]);
    await bo.mutate("room.removeMember", { roomId: made.id, userId: diId });
    expect(idsOf(await search(di, { query: "bittern" }))).toEqual([]);
  });

  it.each(["newest", "best"] as const)("pages by %s without a hit lost or twice while others write", async (sort) => {
    const word = `wader${sort}`;
    const sent: string[] = [];
    for (let n = 0; n < 7; n += 1) sent.push((await write(`${word} ${"more ".repeat(n)}`)).id);
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page: ChatSearch = await search(ada, { query: word, sort, limit: 3, cursor });
      found.push(...idsOf(page));
      cursor = page.nextCursor;
      await write(`${word} in between`);
    } while (cursor !== null && found.length < 20);
    expect(found.toSorted()).toEqual(sent.toSorted());
    expect(found).toEqual(sort === "newest" ? sent.toReversed() : sent);
  });

  it("narrows to an author and to a time", async () => {
    const [first, second] = [await write("a lapwing"), await write("a lapwing", roomId, "ada")];
    const authorId = second.author.id;
    expect(idsOf(await search(bo, { query: "lapwing", authorId }))).toEqual([second.id]);
    expect(idsOf(await search(bo, { query: "lapwing", toMs: first.createdAtMs }))).not.toContain(
      first.createdAtMs === second.createdAtMs ? "" : second.id,
    );
    expect(idsOf(await search(bo, { query: "lapwing", fromMs: second.createdAtMs + 60_000 }))).toEqual([]);
  });

  it("takes whatever is typed, and refuses a cursor it did not give", async () => {
    for (const query of ["", '"', "NEAR(a b)", "body:x -y *", "😀", "((((", "a".repeat(1_000), "\uD800"]) {
      expect(await ada.query("chat.search", { query })).toMatchObject({ status: 200 });
    }
    expect(await ada.query("chat.search", { query: "a".repeat(1_001) })).toMatchObject({ status: 400 });
    for (const cursor of ["x", "best.1", "newest", "newest.-1", "newest.zzzzzzzzzzz"]) {
      expect(await ada.query("chat.search", { query: "a", cursor })).toMatchObject({
        error: { reason: "MALFORMED_CURSOR" },
      });
    }
  });
});

describe("history around a message", () => {
  it("answers the page about it, which joins those before and after without a gap", async () => {
    const numbers = async (input: object) => {
      const { data } = await bo.query("chat.history", { roomId, limit: 10, ...input });
      return Object(data).messages.map(({ number }: { number: number }) => number);
    };
    const head = Object((await bo.query("chat.history", { roomId, limit: 1 })).data).headNumber;
    const old = Object((await bo.query("chat.history", { roomId, before: 31, limit: 1 })).data).messages[0];
    const around = await numbers({ around: { messageId: old.id } });
    expect(around).toEqual(Array.from({ length: 10 }, (_, index) => 26 + index));
    expect(await numbers({ before: 26 })).toEqual(Array.from({ length: 10 }, (_, index) => 16 + index));
    expect(await numbers({ after: 35 })).toEqual(Array.from({ length: 10 }, (_, index) => 36 + index));
    expect((await numbers({ around: { number: head + 5 } })).at(-1)).toBe(head);
  });

  it("is refused for a message that was removed or is of another room", async () => {
    const { id } = await write("soon gone");
    await bo.mutate("chat.remove", { messageId: id });
    const elsewhere = Object((await bo.query("chat.history", { roomId: await roomIdOf(bo, "help"), limit: 1 })).data);
    for (const messageId of [id, elsewhere.messages[0].id, randomUUID()]) {
      expect(await bo.query("chat.history", { roomId, around: { messageId } })).toMatchObject({
        status: 404,
        error: { reason: "MESSAGE_NOT_FOUND" },
      });
    }
    expect(await bo.query("chat.history", { roomId, before: 3, after: 1 })).toMatchObject({ status: 400 });
  });
});
