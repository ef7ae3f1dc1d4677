import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, messageQueries, migrate, openDatabase, roomQueries, userQueries } from "@cardinal/db";
import type { Channel } from "@cardinal/redis-core/channel";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { silentLog } from "../src/context/log.ts";
import type { Control, InboxRing, PageState, Typing } from "../src/deps/doorbells.ts";
import { noApiTelemetry } from "../src/deps/telemetry.ts";
import { RoomTopic } from "../src/live/room-topic.ts";
import type { RoomEvent } from "../src/routers/chat/schemas.ts";
import { toMessageView } from "../src/use-cases/chat/message-view.ts";

const quiet = { log: silentLog, telemetry: noApiTelemetry };

let folder: string;
let db: Database;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cardinal-topic-"));
  const path = join(folder, "topic.db");
  await migrate(path);
  db = openDatabase({ path });
});
afterAll(async () => {
  await db.close();
  await rm(folder, { recursive: true, force: true });
});

/** A doorbell between the publisher and the topic that the test rings, or does not, or twice, or late. */
function lyingDoorbell() {
  let deliver: (event: RoomEvent) => void = () => {};
  let gap = () => {};
  const channel: Pick<Channel<RoomEvent>, "publish" | "subscribe" | "stream"> = {
    publish: async () => {},
    subscribe: async (handler, options) => {
      deliver = handler;
      gap = options?.onGap ?? gap;
      const close = async () => {};
      return { close, [Symbol.asyncDispose]: close };
    },
    stream: () => {
      throw new Error("not used");
    },
  };
  return { channel, ring: (event: RoomEvent) => deliver(event), gap: () => gap() };
}

/** The doorbells of a room, and nobody who types. */
const doorbellsOf = (channel: Channel<RoomEvent>) => ({
  room: () => channel,
  inbox: (): Channel<InboxRing> => silent(),
  pages: (): Channel<PageState> => silent(),
  control: (): Channel<Control> => silent(),
  typing: (): Channel<Typing> => silent(),
});

function silent<T>(): Channel<T> {
  return {
    publish: async () => {},
    subscribe: async () => ({ close: async () => {}, [Symbol.asyncDispose]: async () => {} }),
    stream: () => {
      throw new Error("not used");
    },
  };
}

async function newRoom(): Promise<{ roomId: string; append(): Promise<RoomEvent> }> {
  const slug = `room-${crypto.randomUUID().slice(0, 8)}`;
  const { roomId, authorId } = await db.write((tx) => {
    const author =
      userQueries.findByUsername(tx, "ada") ??
      userQueries.create(tx, {
        username: "ada",
        displayName: "Ada",
        email: "ada@cardinal.test",
        passwordHash: "none",
        avatarHue: 1,
        nowMs: 1,
      });
    return { roomId: roomQueries.create(tx, { slug, name: slug, nowMs: 1 }).id, authorId: author.id };
  });
  const append = async () => {
    const { message, seq } = await db.write((tx) =>
      messageQueries.appendMessage(tx, { roomId, authorId, body: "x", nowMs: 1 }),
    );
    return { seq, kind: "message" as const, atMs: 1, message: toMessageView(message) };
  };
  return { roomId, append };
}

it("delivers the log, whole and in order, whatever becomes of the doorbell", async () => {
  const fates = fc.array(fc.constantFrom("rings", "lost", "twice", "late", "gap"), {
    minLength: 1,
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(fates, async (fateOfEach) => {
      const { roomId, append } = await newRoom();
      const doorbell = lyingDoorbell();
      const topic = await RoomTopic.open(
        { ...quiet, db, doorbells: doorbellsOf(doorbell.channel) },
        roomId,
      );
      const got: number[] = [];
      let reading = Promise.resolve();
      const wake = () => {
        reading = reading.then(async () => {
          for (;;) {
            const next = await topic.read(got.at(-1) ?? 0);
            if (next.kind === "reset" || next.events.length === 0) {
              expect(next.kind).toBe("events");
              return;
            }
            got.push(...next.events.map(({ seq }) => seq));
          }
        });
      };
      topic.follow({ userId: "bo", wake, cut: () => {} });
      const late: RoomEvent[] = [];
      for (const fate of fateOfEach) {
        const event = await append();
        if (fate === "late") {
          late.push(event);
        } else if (fate === "gap") {
          doorbell.gap();
        } else {
          const times = { rings: 1, twice: 2, lost: 0 }[fate];
          for (let n = 0; n < times; n += 1) {
            doorbell.ring(event);
          }
        }
      }
      late.toReversed().forEach((event) => doorbell.ring(event));
      // As the periodic check does.
      await topic.fill();
      await reading;
      wake();
      await reading;
      expect(got).toEqual(fateOfEach.map((_, index) => index + 1));
      await topic.close();
    }),
    { numRuns: 40 },
  );
});

it("reads the log once however many streams are behind", async () => {
  const { roomId, append } = await newRoom();
  for (let n = 0; n < 100; n += 1) {
    await append();
  }
  let reads = 0;
  const counting: Pick<Database, "read"> = {
    read: (fn) => {
      reads += 1;
      return db.read(fn);
    },
  };
  const doorbell = lyingDoorbell();
  const deps = { db: { ...db, write: db.write, close: db.close, ...counting }, ...quiet };
  const topic = await RoomTopic.open({ ...deps, doorbells: doorbellsOf(doorbell.channel) }, roomId);
  const storm = await Promise.all(Array.from({ length: 2_000 }, (_, index) => topic.read(index % 100)));
  expect(storm.every(({ kind }) => kind === "events")).toBe(true);
  expect(reads).toBe(1);
  await topic.close();
});

it("tells who is too far behind, or on another epoch, to reset", async () => {
  const { roomId, append } = await newRoom();
  const doorbell = lyingDoorbell();
  const topic = await RoomTopic.open(
    { ...quiet, db, doorbells: doorbellsOf(doorbell.channel) },
    roomId,
  );
  for (let n = 0; n < 501; n += 1) {
    await append();
  }
  await topic.fill();
  expect(topic.head).toBe(501);
  expect(await topic.read(0)).toEqual({ kind: "reset" });
  expect(await topic.read(1)).toMatchObject({ kind: "events" });
  const { epoch } = topic;
  await db.write((tx) =>
    tx.statement("UPDATE room SET epoch = 'restored' WHERE id = ?").run(roomId),
  );
  await topic.fill();
  expect(topic.epoch).not.toBe(epoch);
  await topic.close();
});
