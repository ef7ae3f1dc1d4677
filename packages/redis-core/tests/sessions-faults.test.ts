import { type RunningRedis, startCluster, startRedis, startTcpProxy, type TcpProxy } from "@cardinal/dev";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { OutcomeUnknown } from "../src/errors.ts";
import type { Revocation } from "../src/sessions/index.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { countCommands } from "./support/count-commands.ts";
import { eventually } from "./support/eventually.ts";
import { MemorySessionRecords } from "./support/memory-session-records.ts";

const options = { idle: "1h", absolute: "5h" } as const;

interface Data {
  readonly count: number;
}

const one = { userId: "ada", data: { count: 1 } };
const more = ({ count }: Data) => ({ count: count + 1 });

describe("a reply that is lost", () => {
  let redis: RunningRedis;
  let proxy: TcpProxy;
  let env: TestCore;
  let other: TestCore;

  beforeAll(async () => {
    redis = await startRedis();
    proxy = await startTcpProxy({ target: redis });
  });

  afterAll(async () => {
    await proxy.stop();
    await redis.stop();
  });

  const open = async () => {
    env = await createTestCore(proxy.url());
    other = await createTestCore(redis.url, { prefix: env.prefix });
    const elsewhere = other.core.sessions<Data>(options);
    // Loads every script: a lost NOSCRIPT would be a request that never ran.
    const { token } = await elsewhere.create({ ...one, userId: "first" });
    await elsewhere.update(token, more);
    await elsewhere.rotate(token);
    await elsewhere.list("first");
    await elsewhere.revokeAll("first");
    return { sessions: env.core.sessions<Data>(options), elsewhere };
  };

  afterEach(async () => {
    await proxy.setMode("pass");
    await eventually(() => env.redis.port.command("PING", [], []));
    await env[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });

  /** The next requests about the user are carried out, and their replies lost. */
  const loseReplies = (times: number) =>
    proxy.setMode("cut-after-request-before-reply", { match: ":session:user:", times });

  test("of create: the sign-in that was repeated is one session", async () => {
    const { sessions, elsewhere } = await open();
    await loseReplies(1);
    const { token, session } = await sessions.create(one);
    expect((await elsewhere.list("ada")).map(({ id }) => id)).toEqual([session.id]);
    expect(await elsewhere.verify(token)).toMatchObject({ id: session.id });
  });

  test("of verify and list: asked again", async () => {
    const { sessions } = await open();
    const { token } = await sessions.create(one);
    await loseReplies(1);
    expect(await sessions.verify(token)).not.toBeNull();
    await loseReplies(1);
    expect(await sessions.list("ada")).toHaveLength(1);
  });

  test("of rotate: the repeated rotation has won, and its token works", async () => {
    const { sessions, elsewhere } = await open();
    const { token } = await sessions.create(one);
    await loseReplies(1);
    const rotated = await sessions.rotate(token);
    expect(await elsewhere.verify(rotated?.token ?? "")).not.toBeNull();
    expect(await elsewhere.list("ada")).toHaveLength(1);
  });

  test("of update and setDevice: OutcomeUnknown, and applied once", async () => {
    const { sessions, elsewhere } = await open();
    const { token } = await sessions.create(one);
    const run = env.redis.port.run.bind(env.redis.port);
    vi.spyOn(env.redis.port, "run").mockImplementation(async (script, ...rest) => {
      if (script.name === "sessions/replace") {
        await loseReplies(1);
      }
      return await run(script, ...rest);
    });
    await expect(sessions.update(token, more)).rejects.toThrow(OutcomeUnknown);
    expect((await elsewhere.verify(token))?.data).toEqual({ count: 2 });
    await eventually(() => env.redis.port.command("PING", [], []));
    await expect(sessions.setDevice(token, { label: "desk" })).rejects.toThrow(OutcomeUnknown);
    expect(await elsewhere.verify(token)).toMatchObject({ data: { count: 2 }, device: { label: "desk" } });
  });

  test("of revoke, revokeOthers and revokeAll: ended, counted by the repeat, told once to everybody", async () => {
    const { sessions, elsewhere } = await open();
    const heard: { here: Revocation[]; there: Revocation[] } = { here: [], there: [] };
    await sessions.onRevoked((each) => heard.here.push(each)).ready;
    // A second listener of a process hears it too, and once.
    await sessions.onRevoked((each) => heard.here.push(each)).ready;
    await elsewhere.onRevoked((each) => heard.there.push(each)).ready;
    const [a, b, c, d] = await Promise.all([1, 2, 3, 4].map(() => sessions.create(one)));
    await loseReplies(1);
    expect(await sessions.revoke(a?.token ?? "")).toBe(false);
    expect(await elsewhere.verify(a?.token ?? "")).toBeNull();
    await loseReplies(1);
    expect(await sessions.revokeOthers(b?.token ?? "")).toBe(0);
    expect(await elsewhere.verify(c?.token ?? "")).toBeNull();
    await loseReplies(1);
    expect(await sessions.revokeAll("ada")).toBe(0);
    expect(await elsewhere.verify(b?.token ?? "")).toBeNull();
    expect(await elsewhere.verify(d?.token ?? "")).toBeNull();
    const expected: Revocation[] = [
      { userId: "ada", kind: "some", ids: [a?.session.id ?? ""] },
      { userId: "ada", kind: "others", keptId: b?.session.id ?? "" },
      { userId: "ada", kind: "all" },
    ];
    await eventually(() => {
      expect(heard.there).toEqual(expected);
      expect(heard.here).toEqual(expected.flatMap((each) => [each, each]));
    });
  });

  test("twice: OutcomeUnknown, and whatever it did stands", async () => {
    const { sessions, elsewhere } = await open();
    const { token } = await sessions.create(one);
    await loseReplies(2);
    await expect(sessions.revokeAll("ada")).rejects.toThrow(OutcomeUnknown);
    expect(await elsewhere.verify(token)).toBeNull();
    await eventually(() => env.redis.port.command("PING", [], []));
    await loseReplies(2);
    await expect(sessions.create(one)).rejects.toThrow(OutcomeUnknown);
    expect(await elsewhere.list("ada")).toHaveLength(1);
  });

  test("with a record: a revocation holds and is carried out, although every reply is lost", async () => {
    await open();
    const records = new MemorySessionRecords<Data>();
    const sessions = env.core.sessions<Data>({ ...options, records, onUnavailable: "record" });
    const { token } = await sessions.create(one);
    await loseReplies(2);
    expect(await sessions.revoke(token)).toBe(true);
    expect(await sessions.verify(token)).toBeNull();
    await proxy.setMode("pass");
    await eventually(async () => {
      await sessions.verify(token);
      expect(await records.pending()).toEqual([]);
    });
    expect(await sessions.verify(token)).toBeNull();
  });
});

describe("on a Redis of its own", () => {
  let redis: RunningRedis;

  beforeAll(async () => {
    redis = await startRedis();
  });

  afterAll(async () => {
    await redis.stop();
  });

  test("every call is the commands it says, in one round trip but for updates", async () => {
    await using env = await createTestCore(redis.url);
    const sessions = env.core.sessions<Data>(options);
    const { port } = env.redis;
    let issued = await sessions.create(one);
    await sessions.update(issued.token, more);
    await sessions.rotate((await sessions.create(one)).token);
    const [run, command] = [vi.spyOn(port, "run"), vi.spyOn(port, "command")];
    const trips = async (work: () => Promise<unknown>) => {
      run.mockClear();
      command.mockClear();
      await work();
      expect(command).not.toHaveBeenCalled();
      return run.mock.calls.length;
    };
    expect(await trips(async () => (issued = await sessions.create(one)))).toBe(1);
    expect(await trips(() => sessions.verify(issued.token))).toBe(1);
    expect(await trips(() => sessions.update(issued.token, more))).toBe(2);
    expect(await trips(() => sessions.setDevice(issued.token, { label: "desk" }))).toBe(2);
    expect(await trips(() => sessions.list("ada"))).toBe(1);
    expect(await trips(() => sessions.rotate(issued.token))).toBe(1);
    expect(await trips(() => sessions.revokeOthers(issued.token))).toBe(1);
    expect(await trips(() => sessions.revoke(issued.token))).toBe(1);
    expect(await trips(() => sessions.revokeAll("ada"))).toBe(1);
    const { token } = await sessions.create(one);
    run.mockRestore();
    command.mockRestore();
    const counts = await countCommands(port, () => sessions.verify(token));
    expect(counts).toEqual({ evalsha: 1, hget: 1, time: 1, info: 1 });
    const twice = [sessions.verify(token), sessions.verify(token)];
    await Promise.all(twice);
    const together = await countCommands(port, () =>
      Promise.all(Array.from({ length: 20 }, () => sessions.verify(token))),
    );
    expect(together).toEqual({ evalsha: 1, hget: 20, time: 1, info: 1 });
  });

  test("with a record every call is the round trips it says, besides the record's own work", async () => {
    await using env = await createTestCore(redis.url);
    const sessions = env.core.sessions<Data>({ ...options, records: new MemorySessionRecords<Data>() });
    const { port } = env.redis;
    let issued = await sessions.create(one);
    const run = vi.spyOn(port, "run");
    const trips = async (work: () => Promise<unknown>) => {
      run.mockClear();
      await work();
      return run.mock.calls.length;
    };
    expect(await trips(async () => (issued = await sessions.create(one)))).toBe(2);
    expect(await trips(() => sessions.verify(issued.token))).toBe(1);
    expect(await trips(() => sessions.update(issued.token, more))).toBe(1);
    expect(await trips(() => sessions.verify(issued.token))).toBe(2);
    expect(await trips(() => sessions.setDevice(issued.token, null))).toBe(1);
    expect(await trips(() => sessions.list("ada"))).toBe(0);
    expect(await trips(async () => (issued = (await sessions.rotate(issued.token)) ?? issued))).toBe(1);
    expect(await trips(() => sessions.revokeOthers(issued.token))).toBe(1);
    expect(await trips(() => sessions.revoke(issued.token))).toBe(1);
    expect(await trips(() => sessions.revokeAll("ada"))).toBe(1);
  });

  test("SCRIPT FLUSH at any moment fails nothing", async () => {
    await using env = await createTestCore(redis.url);
    const sessions = env.core.sessions<Data>(options);
    for (let round = 0; round < 20; round += 1) {
      const flush = () => env.redis.port.command("SCRIPT FLUSH", [], []);
      await flush();
      const { token } = await sessions.create(one);
      await flush();
      const [, rotated] = await Promise.all([flush(), sessions.rotate(token), sessions.verify(token), flush()]);
      await flush();
      expect(await sessions.update(rotated?.token ?? "", more)).toMatchObject({ data: { count: 2 } });
      await flush();
      expect(await sessions.revokeAll("ada")).toBe(1);
    }
  });

  test("a Redis that became another without a lost connection is not believed until it was told again", async () => {
    await using env = await createTestCore(redis.url);
    const records = new MemorySessionRecords<Data>();
    const sessions = env.core.sessions<Data>({ ...options, records, onUnavailable: "record" });
    const kept = await sessions.create(one);
    const { token, session } = await sessions.create(one);
    await eventually(async () => expect((await sessions.verify(token))?.source).toBe("redis"));
    const [key = ""] = await env.listKeys();
    const copy = (await env.redis.port.command("HGETALL", [key], [])) as string[];
    await sessions.revoke(token);
    // A replica that had not heard of the revocation yet takes over.
    await env.redis.port.command("HSET", [key], copy);
    const runIds = vi.spyOn(env.redis.port, "eachMaster");
    runIds.mockImplementation(async (fn) => {
      return [await fn({ command: () => Promise.resolve("run_id:another") })];
    });
    await eventually(async () => {
      expect(await sessions.verify(kept.token)).not.toBeNull();
      expect(await env.redis.port.command("HEXISTS", [key], [session.id])).toBe(0);
    });
    expect(await sessions.verify(token)).toBeNull();
    runIds.mockRestore();
  });
});

test("on a Cluster users lie on all masters, and everybody hears of a revocation", async () => {
  await using cluster = await startCluster({ masters: 3 });
  const url = `redis+cluster://${cluster.nodes.map(({ host, port }) => `${host}:${port}`).join(",")}`;
  await using a = await createTestCore(url);
  await using b = await createTestCore(url, { prefix: a.prefix });
  const sessions = a.core.sessions<Data>(options);
  const elsewhere = b.core.sessions<Data>({ ...options, records: new MemorySessionRecords<Data>() });
  const heard: Revocation[] = [];
  await elsewhere.onRevoked((each) => heard.push(each)).ready;
  const users = Array.from({ length: 30 }, (_, user) => `user-${user}`);
  const issued = await Promise.all(users.map((userId) => sessions.create({ userId, data: { count: 1 } })));
  const masters = await a.redis.port.eachMaster((master) => master.command("DBSIZE", []));
  expect(masters.every((size) => Number(size) > 0)).toBe(true);
  await Promise.all(issued.map(({ token }) => sessions.update(token, more)));
  const rotated = await Promise.all(issued.map(({ token }) => sessions.rotate(token)));
  const seen = await Promise.all(rotated.map((each) => sessions.verify(each?.token ?? "")));
  expect(seen.map((session) => session?.data.count)).toEqual(users.map(() => 2));
  await Promise.all(users.map((userId) => sessions.revokeAll(userId)));
  expect(await Promise.all(rotated.map((each) => sessions.verify(each?.token ?? "")))).toEqual(users.map(() => null));
  await eventually(() => expect(new Set(heard.map(({ userId }) => userId))).toEqual(new Set(users)));
  expect(heard).toHaveLength(users.length);
  const durable = await elsewhere.create(one);
  expect(await elsewhere.verify(durable.token)).toMatchObject({ source: "redis" });
  expect(await a.listPermanentKeys()).toEqual([]);
}, 60_000);
