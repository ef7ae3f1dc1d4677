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
import { RoomFeed } from "../src/live/room-feed.ts";
import { MOST_BEHIND, RoomTopic, type RoomTopicDeps } from "../src/live/room-topic.ts";
import { TopicRegistry } from "../src/live/topic-registry.ts";
import type { ChatOnEventFrame, RoomEvent } from "../src/routers/chat/schemas.ts";
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
  counter: (): Channel<"changed"> => silent(),
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

/** A reader that takes frames while it has room for some, and remembers what it was given. */
class Reader {
  room = Number.POSITIVE_INFINITY;
  readonly frames: ChatOnEventFrame[] = [];
  readonly ids: string[] = [];

  canTake(): boolean {
    return this.room > 0;
  }

  take(id: string, frame: ChatOnEventFrame): void {
    this.room -= 1;
    this.ids.push(id);
    this.frames.push(frame);
  }

  end(error: Error | null): void {
    throw error ?? new Error("the stream ended");
  }

  seqs(): number[] {
    return this.frames.flatMap((frame) => (frame.kind === "batch" ? frame.events.map(({ seq }) => seq) : []));
  }
}

/** A topic of a room, and what opens streams of it. */
async function openTopic(roomId: string, deps: RoomTopicDeps) {
  const topic = await RoomTopic.open(deps, roomId);
  const rooms = new TopicRegistry<RoomTopic>(async () => topic, 0);
  const follow = async (seq: number, reader: Reader, epoch = topic.epoch) => {
    const feed = await RoomFeed.open(
      rooms,
      { roomId, userId: "bo", cursor: { epoch, seq }, telemetry: noApiTelemetry },
      reader,
    );
    feed.resume();
    return feed;
  };
  return { topic, follow };
}

async function untilTrue(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

it("delivers the log, whole and in order, whatever becomes of the doorbell and however slow the reader is", async () => {
  const fates = fc.array(fc.constantFrom("rings", "lost", "twice", "late", "gap", "stalls", "reads on"), {
    minLength: 1,
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(fates, async (fateOfEach) => {
      const { roomId, append } = await newRoom();
      const doorbell = lyingDoorbell();
      const { topic, follow } = await openTopic(roomId, { ...quiet, db, doorbells: doorbellsOf(doorbell.channel) });
      const reader = new Reader();
      const feed = await follow(0, reader);
      const late: RoomEvent[] = [];
      for (const fate of fateOfEach) {
        const event = await append();
        if (fate === "late") {
          late.push(event);
        } else if (fate === "gap") {
          doorbell.gap();
        } else if (fate === "stalls") {
          reader.room = 0;
        } else if (fate === "reads on") {
          reader.room = 2;
          feed.resume();
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
      reader.room = Number.POSITIVE_INFINITY;
      feed.resume();
      await untilTrue(() => reader.seqs().length >= fateOfEach.length);
      expect(reader.seqs()).toEqual(fateOfEach.map((_, index) => index + 1));
      expect(reader.frames.filter(({ kind }) => kind === "ready")).toHaveLength(1);
      feed.stop();
      await topic.close();
    }),
    { numRuns: 40 },
  );
});

it("gives all who stand at the same place the same frame object, and reads the log once however many are behind", async () => {
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
  const { topic, follow } = await openTopic(roomId, { ...deps, doorbells: doorbellsOf(doorbell.channel) });
  const readers = await Promise.all(
    Array.from({ length: 2_000 }, async (_, index) => {
      const reader = new Reader();
      await follow(index % 100, reader);
      return reader;
    }),
  );
  expect(readers.every((reader, index) => reader.seqs().length === 100 - (index % 100))).toBe(true);
  expect(reads).toBe(1);
  const event = await append();
  doorbell.ring(event);
  await untilTrue(() => readers.every((reader) => reader.seqs().at(-1) === event.seq));
  expect(new Set(readers.map(({ frames }) => frames.at(-1))).size).toBe(1);
  await topic.close();
});

it("tells who is too far behind, or on another epoch, to reset, and goes on from there", async () => {
  const { roomId, append } = await newRoom();
  const { authorId } = await append().then(({ message }) => ({ authorId: message.author.id }));
  const doorbell = lyingDoorbell();
  const { topic, follow } = await openTopic(roomId, { ...quiet, db, doorbells: doorbellsOf(doorbell.channel) });
  await db.write((tx) => {
    for (let n = 1; n < MOST_BEHIND + 1; n += 1) {
      messageQueries.appendMessage(tx, { roomId, authorId, body: "x", nowMs: 1 });
    }
  });
  await topic.fill();
  const head = MOST_BEHIND + 1;
  expect(topic.head).toBe(head);
  const [far, near, foreign, future] = [new Reader(), new Reader(), new Reader(), new Reader()];
  await follow(0, far);
  await follow(1, near);
  await follow(1, foreign, "other");
  await follow(head + 1, future);
  await untilTrue(() => near.seqs().length === MOST_BEHIND);
  expect(near.seqs()).toEqual(Array.from({ length: MOST_BEHIND }, (_, index) => index + 2));
  for (const reader of [far, foreign, future]) {
    expect(reader.frames).toMatchObject([{ kind: "reset", head }, { kind: "ready", head }]);
  }
  const { epoch } = topic;
  await db.write((tx) =>
    tx.statement("UPDATE room SET epoch = 'restored' WHERE id = ?").run(roomId),
  );
  await topic.fill();
  expect(topic.epoch).not.toBe(epoch);
  await untilTrue(() => near.frames.at(-1)?.kind === "reset");
  await topic.close();
});
