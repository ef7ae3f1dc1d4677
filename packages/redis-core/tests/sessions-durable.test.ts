import { startRedis } from "@cardinal/dev";
import { describe, expect, inject, test, vi } from "vitest";
import { manualClock } from "../src/clock.ts";
import { connectRedis } from "../src/connection/index.ts";
import { createRedisCore } from "../src/core.ts";
import { isOutage, RedisUnavailable } from "../src/errors.ts";
import type { SubscriptionHandlers } from "../src/port.ts";
import type { Revocation } from "../src/sessions/index.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { deferred } from "./support/deferred.ts";
import { MemorySessionRecords } from "./support/memory-session-records.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");
const ada = { userId: "ada", data: { role: "member" } } as const;

interface Data {
  readonly role: string;
}

function durable(env: TestCore, records = new MemorySessionRecords<Data>()) {
  const options = { idle: "1h", absolute: "5h", touchEvery: "1m", onUnavailable: "record", records } as const;
  return { records, sessions: env.core.sessions<Data>(options) };
}

/** Redis as after an empty restart, for this prefix. */
async function wipe(env: TestCore): Promise<void> {
  const keys = await env.listKeys();
  await env.redis.port.batch(keys.map((key) => ({ name: "DEL", keys: [key], args: [] })));
}

/** Holds a script back, once, until the test lets it go. */
function holdBack(env: TestCore, name: string) {
  const reached = deferred<void>();
  const release = deferred<void>();
  const run = env.redis.port.run.bind(env.redis.port);
  let held = false;
  vi.spyOn(env.redis.port, "run").mockImplementation(async (script, ...rest) => {
    if (script.name === name && !held) {
      held = true;
      reached.resolve();
      await release.promise;
    }
    return await run(script, ...rest);
  });
  return { reached: reached.promise, release: () => release.resolve() };
}

/** A Redis that cannot be reached, until the test says otherwise. */
function cutOff(env: TestCore) {
  const run = env.redis.port.run.bind(env.redis.port);
  const state = { down: true };
  vi.spyOn(env.redis.port, "run").mockImplementation(async (...call) => {
    if (state.down) {
      throw new RedisUnavailable("cut off");
    }
    return await run(...call);
  });
  return state;
}

describe("record and copy", () => {
  test("create puts a copy into Redis, verify is answered by it in one round trip", async () => {
    await using env = await createTestCore(url);
    const { sessions } = durable(env);
    const { token, session } = await sessions.create(ada);
    await sessions.verify(token);
    const run = vi.spyOn(env.redis.port, "run");
    expect(await sessions.verify(token)).toMatchObject({ ...session, source: "redis" });
    expect(run).toHaveBeenCalledTimes(1);
    expect(await env.listPermanentKeys()).toEqual([]);
  });

  test("a wiped Redis is filled again from the record, rotated sessions too", async () => {
    await using env = await createTestCore(url);
    const { sessions } = durable(env);
    const plain = await sessions.create(ada);
    const rotated = await sessions.rotate((await sessions.create(ada)).token);
    for (const token of [plain.token, rotated?.token ?? ""]) {
      await sessions.verify(token);
      await wipe(env);
      expect((await sessions.verify(token))?.source).toBe("record");
      expect((await sessions.verify(token))?.source).toBe("redis");
    }
    expect(await env.listPermanentKeys()).toEqual([]);
  });

  test("touches reach the record, so that both agree on the expiry", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const { sessions, records } = durable(env);
    const { token } = await sessions.create(ada);
    for (let round = 0; round < 20; round += 1) {
      clock.advance(1_000_000);
      const seen = await sessions.verify(token);
      const [record] = await records.list("ada");
      expect(seen?.expiresAtMs ?? record?.expiresAtMs).toBe(record?.expiresAtMs);
      expect(record?.expiresAtMs).toBeLessThanOrEqual((record?.createdAtMs ?? 0) + 5 * 3_600_000);
      if (round % 3 === 0) {
        await wipe(env);
      }
    }
    expect(await sessions.verify(token)).toBeNull();
  });

  test("a session whose touches never reached the record can still be signed out", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const { sessions, records } = durable(env);
    vi.spyOn(records, "touch").mockRejectedValue(new Error("database is locked"));
    const { token } = await sessions.create(ada);
    await sessions.verify(token);
    clock.advance(3_000_000);
    await sessions.verify(token);
    clock.advance(3_000_000);
    expect((await sessions.verify(token))?.source).toBe("redis");
    expect(await sessions.revoke(token)).toBe(true);
    expect(await sessions.verify(token)).toBeNull();
  });

  test("update, rotate and list go by the record", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const { sessions } = durable(env);
    const { token, session } = await sessions.create(ada);
    await Promise.all(
      Array.from({ length: 10 }, () => sessions.update(token, ({ role }) => ({ role: `${role}+` }))),
    );
    expect((await sessions.verify(token))?.data).toEqual({ role: "member++++++++++" });
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => sessions.rotate(token)));
    const winner = outcomes.find((outcome) => outcome !== null);
    expect(outcomes.filter((outcome) => outcome !== null)).toHaveLength(1);
    expect((await sessions.verify(token))?.id).toBe(session.id);
    clock.advance(10_000);
    expect(await sessions.verify(token)).toBeNull();
    expect(await sessions.verify(winner?.token ?? "")).not.toBeNull();
    expect((await sessions.list("ada")).map(({ id }) => id)).toEqual([session.id]);
  });

  test("past the limit the oldest is revoked in record and Redis", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const records = new MemorySessionRecords<Data>();
    const sessions = env.core.sessions<Data>({ idle: "1h", absolute: "5h", maxPerUser: 2, records });
    const heard: Revocation[] = [];
    sessions.onRevoked((revocation) => heard.push(revocation));
    const issued = [];
    for (let index = 0; index < 3; index += 1) {
      issued.push(await sessions.create(ada));
      clock.advance(1);
    }
    const alive = await Promise.all(issued.map(async ({ token }) => (await sessions.verify(token)) !== null));
    expect(alive).toEqual([false, true, true]);
    expect(heard).toEqual([{ userId: "ada", kind: "some", ids: [issued[0]?.session.id] }]);
  });
});

describe("revoke always wins", () => {
  const revocations = {
    revoke: (sessions: ReturnType<typeof durable>["sessions"], token: string) => sessions.revoke(token),
    revokeAll: (sessions: ReturnType<typeof durable>["sessions"]) => sessions.revokeAll("ada"),
  };

  test.each(Object.entries(revocations))(
    "%s between the restore's reading of the record and its write: the restore is void",
    async (_, revoke) => {
      await using env = await createTestCore(url);
      await using other = await createTestCore(url, { prefix: env.prefix });
      const { sessions, records } = durable(env);
      const elsewhere = durable(other, records).sessions;
      const { token } = await sessions.create(ada);
      await sessions.verify(token);
      await wipe(env);
      const hold = holdBack(env, "sessions/restore");
      const verifying = sessions.verify(token);
      await hold.reached;
      await revoke(elsewhere, token);
      // Takes a ticket of its own, which is not the one the restore holds.
      expect(await elsewhere.verify(token)).toBeNull();
      hold.release();
      // It began before the revocation ended, so it may still say alive; nothing after it may.
      await verifying;
      expect(await sessions.verify(token)).toBeNull();
      expect(await elsewhere.verify(token)).toBeNull();
      expect((await env.listKeys()).filter((key) => key.includes("session:user")).length).toBeLessThanOrEqual(
        1,
      );
    },
  );

  test("restore before the drop: the drop removes it", async () => {
    await using env = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: env.prefix });
    const { sessions, records } = durable(env);
    const elsewhere = durable(other, records).sessions;
    const { token } = await sessions.create(ada);
    await elsewhere.verify(token);
    await wipe(env);
    const hold = holdBack(other, "sessions/drop");
    const revoking = elsewhere.revoke(token);
    await hold.reached;
    // Committed and not carried out: the record answers, and nobody brings the session back.
    expect(await sessions.verify(token)).toBeNull();
    hold.release();
    expect(await revoking).toBe(true);
    expect(await sessions.verify(token)).toBeNull();
  });

  test("Redis wiped between ticket and restore: the ticket is gone with it", async () => {
    await using env = await createTestCore(url);
    const { sessions, records } = durable(env);
    const { token, session } = await sessions.create(ada);
    await sessions.verify(token);
    await wipe(env);
    const hold = holdBack(env, "sessions/restore");
    const verifying = sessions.verify(token);
    await hold.reached;
    await sessions.revoke({ userId: "ada", id: session.id });
    await wipe(env);
    hold.release();
    await verifying;
    expect(await sessions.verify(token)).toBeNull();
    expect((await records.pending()).length).toBe(0);
  });

  test("create against revokeAll: a session revoked before its copy is written gets none", async () => {
    await using env = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: env.prefix });
    const { sessions, records } = durable(env);
    const elsewhere = durable(other, records).sessions;
    const hold = holdBack(env, "sessions/restore");
    const creating = sessions.create(ada);
    await hold.reached;
    expect(await elsewhere.revokeAll("ada")).toBe(1);
    hold.release();
    const { token } = await creating;
    expect(await sessions.verify(token)).toBeNull();
  });

  test("an update whose copy is being restored never leaves the old data in Redis", async () => {
    await using env = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: env.prefix });
    const { sessions, records } = durable(env);
    const elsewhere = durable(other, records).sessions;
    const { token } = await sessions.create(ada);
    await sessions.verify(token);
    await wipe(env);
    const hold = holdBack(env, "sessions/restore");
    const verifying = sessions.verify(token);
    await hold.reached;
    await elsewhere.update(token, { role: "admin" });
    hold.release();
    await verifying;
    expect((await sessions.verify(token))?.data.role).toBe("admin");
    expect((await sessions.verify(token))?.data.role).toBe("admin");
  });

  test("a revocation that could not reach Redis holds at once, everywhere, and is carried out later", async () => {
    await using env = await createTestCore(url);
    await using other = await createTestCore(url, { prefix: env.prefix });
    const { sessions, records } = durable(env);
    const elsewhere = durable(other, records).sessions;
    const { token } = await sessions.create(ada);
    expect((await elsewhere.verify(token))?.source).toBe("redis");
    const link = cutOff(env);
    expect(await sessions.revoke(token)).toBe(true);
    expect(await sessions.verify(token)).toBeNull();
    // The other process reaches Redis, where the copy still is; the record says not to ask there.
    expect(await elsewhere.verify(token)).toBeNull();
    link.down = false;
    await eventually(async () => {
      await elsewhere.verify(token);
      expect(await records.pending()).toEqual([]);
    });
    expect(await elsewhere.verify(token)).toBeNull();
    expect(await env.listPermanentKeys()).toEqual([]);
  });

  test("a Redis that came back with an old copy is brought up to date before it is believed", async () => {
    await using env = await createTestCore(url);
    const handlers: SubscriptionHandlers[] = [];
    const subscribe = env.redis.port.subscribe.bind(env.redis.port);
    vi.spyOn(env.redis.port, "subscribe").mockImplementation((channels, each) => {
      handlers.push(each);
      return subscribe(channels, each);
    });
    const { sessions } = durable(env);
    const kept = await sessions.create(ada);
    const { token, session } = await sessions.create(ada);
    await sessions.verify(token);
    const key = (await env.listKeys()).find((name) => name.includes("session:user")) ?? "";
    const copy = (await env.redis.port.command("HGETALL", [key], [])) as string[];
    await sessions.revoke(token);
    // What a crash can do to the last second of an append-only file.
    await env.redis.port.command("HSET", [key], copy);
    await env.redis.port.command("PEXPIRE", [key], [60_000]);
    handlers.forEach((each) => each.onGap?.());
    expect(await sessions.verify(token)).toBeNull();
    // Believed again: now Redis answers, and the old copy is no longer there.
    await eventually(async () => expect((await sessions.verify(kept.token))?.source).toBe("redis"));
    expect(await sessions.verify(token)).toBeNull();
    expect(await env.redis.port.command("HEXISTS", [key], [session.id])).toBe(0);
  });
});

test("Redis stopped: the record answers; `closed` throws; after an empty restart everything stands", async () => {
  const redis = await startRedis();
  const records = new MemorySessionRecords<Data>();
  const open = async () => {
    const connection = connectRedis({ target: redis.url, deadlineMs: 500 });
    await connection.ready(AbortSignal.timeout(10_000));
    return connection;
  };
  const connection = await open();
  const core = createRedisCore({ redis: connection.port, prefix: "stopped" });
  try {
    const options = { idle: "1h", absolute: "5h", records } as const;
    const sessions = core.sessions<Data>({ ...options, onUnavailable: "record" });
    const closed = core.sessions<Data>({ ...options, onUnavailable: "closed" });
    const volatile = core.sessions<Data>({ idle: "1h", absolute: "5h" });
    const kept = await sessions.create(ada);
    const ended = await sessions.create(ada);
    expect((await sessions.verify(kept.token))?.source).toBe("redis");
    expect(await closed.verify(kept.token)).not.toBeNull();
    await redis.stop();

    expect((await sessions.verify(kept.token))?.source).toBe("record");
    expect(await sessions.revoke(ended.token)).toBe(true);
    expect(await sessions.verify(ended.token)).toBeNull();
    const during = await sessions.create({ userId: "bo", data: { role: "admin" } });
    expect((await sessions.verify(during.token))?.data.role).toBe("admin");
    expect(isOutage(await closed.verify(during.token).catch((error: unknown) => error))).toBe(true);
    expect(isOutage(await volatile.verify(kept.token).catch((error: unknown) => error))).toBe(true);

    await using again = await startRedis({ port: redis.port });
    expect(again.port).toBe(redis.port);
    await eventually(async () => {
      for (const { token } of [kept, during]) {
        expect((await sessions.verify(token))?.source).toBe("redis");
      }
    });
    expect(await sessions.verify(ended.token)).toBeNull();
    expect(await records.pending()).toEqual([]);
  } finally {
    await core.close();
    await connection.close();
  }
}, 60_000);
