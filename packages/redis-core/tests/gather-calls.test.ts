import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { RedisPort } from "../src/index.ts";
import { RedisReplyError } from "../src/index.ts";
import type { Script } from "../src/script/define-script.ts";
import { gatherCalls } from "../src/script/gather-calls.ts";
import { manyCallsSource } from "../src/script/many-calls-source.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";

/** Adds to a key, answers in the way it is told. */
const definitions = "local function add(key, by)\n  return redis.call('INCRBY', key, by)\nend\n";
const call = `local by, how = tonumber(ARGV[2]), ARGV[3]
local total = add(KEYS[1], by)
if how == 'fail' then
  return redis.call('LPUSH', KEYS[1], 'x')
elseif how == 'error' then
  return redis.error_reply('ERR as asked')
elseif how == 'nothing' then
  return
end
return { total, ARGV[1] }
`;

function scriptOf(source: string): Script {
  return { name: "test/add", source, sha1: createHash("sha1").update(source).digest("hex") };
}

const add: Script = {
  ...scriptOf(definitions + call),
  many: scriptOf(manyCallsSource(definitions, call)),
};

describe("calls of one turn", () => {
  let test: TestCore;
  /** What reached the port under the gatherer: `alone`, or the number of calls. */
  let runs: (string | number)[] = [];
  let port: RedisPort;

  beforeAll(async () => {
    test = await createTestCore(inject("redisUrl"));
    const under = test.redis.port;
    port = gatherCalls({
      ...under,
      capabilities: under.capabilities,
      slotOf: (key) => under.slotOf(key),
      run: async (script, keys, args, options) => {
        runs.push(script.sha1 === add.sha1 ? "alone" : Number(args[1]));
        return await under.run(script, keys, args, options);
      },
    });
  });
  afterAll(() => test[Symbol.asyncDispose]());

  const key = (name: string) => `${test.prefix}:{${name}}`;
  const plus = (name: string, by: number, how = "", now = "") =>
    port.run(add, [key(name)], [now, by, how], { deadlineMs: 5_000 });

  it("leave in one run, each with its own reply, in the order they came", async () => {
    runs = [];
    expect(await Promise.all([plus("a", 1), plus("b", 10), plus("a", 2)])).toEqual([
      [1, ""],
      [10, ""],
      [3, ""],
    ]);
    expect(runs).toEqual([3]);
  });

  it("a call that nobody accompanies leaves as it is", async () => {
    runs = [];
    await plus("alone", 1);
    await nextTurn();
    await plus("alone", 1);
    expect(runs).toEqual(["alone", "alone"]);
  });

  it("a failure is its own call's: what it wrote before stays, and the others have their replies", async () => {
    const outcomes = await Promise.allSettled([
      plus("ok", 1),
      plus("broken", 5, "fail"),
      plus("refused", 1, "error"),
      plus("silent", 1, "nothing"),
      plus("ok", 1),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    const [, broken, refused, silent, last] = outcomes;
    expect(broken?.status === "rejected" && broken.reason).toBeInstanceOf(RedisReplyError);
    expect(broken?.status === "rejected" && (broken.reason as RedisReplyError).reply).toBe("WRONGTYPE");
    expect(refused?.status === "rejected" && (refused.reason as RedisReplyError).message).toMatch(/^ERR as asked/);
    expect(silent?.status === "fulfilled" && silent.value).toBeNull();
    expect(last?.status === "fulfilled" && last.value).toEqual([2, ""]);
    expect(await plus("broken", 0)).toEqual([5, ""]);
  });

  it("a failure alone is the same error as one in company", async () => {
    await expect(plus("lonely", 1, "fail")).rejects.toMatchObject({ reply: "WRONGTYPE" });
  });

  it("do not mix clocks, options or numbers of arguments, and none leaves with more than 32", async () => {
    runs = [];
    await Promise.all([
      plus("m", 1, "", "1000"),
      plus("m", 1, "", "2000"),
      plus("m", 1, "", "2000"),
      port.run(add, [key("m")], ["2000", 1], { deadlineMs: 4_000 }),
      port.run(add, [key("m")], ["2000", 1, ""], { deadlineMs: 4_000, resend: "once" }),
    ]);
    expect(runs.map(String).toSorted()).toEqual(["2", "alone", "alone", "alone"]);
    runs = [];
    const totals = await Promise.all(Array.from({ length: 66 }, () => plus("crowd", 1)));
    expect(totals.map((reply) => Array.isArray(reply) && reply[0])).toEqual(
      Array.from({ length: 66 }, (_, index) => index + 1),
    );
    expect(runs).toEqual([32, 32, 2]);
  });

  it("a signal, replicas or long arguments make a call leave alone", async () => {
    runs = [];
    const signal = new AbortController().signal;
    await Promise.all([
      port.run(add, [key("s")], ["", 1, ""], { signal }),
      port.run(add, [key("s")], ["", 1, ""], { signal }),
      port.run(add, [key("s")], ["", 1, "x".repeat(70_000)]),
      port.run(add, [key("s")], ["", 1, "x".repeat(70_000)]),
    ]);
    expect(runs).toEqual(["alone", "alone", "alone", "alone"]);
  });

  it("are loaded again when the server has forgotten them", async () => {
    for (let round = 0; round < 3; round += 1) {
      await test.redis.port.command("SCRIPT FLUSH", [], []);
      expect(await Promise.all([plus("flushed", 0), plus("flushed", 0)])).toEqual([
        [0, ""],
        [0, ""],
      ]);
    }
  });

  it("keys of different slots within one call are still refused, of different calls are not", async () => {
    const twoKeys = (names: string[]) => port.run(add, names.map(key), ["", 1, ""], {});
    await expect(Promise.all([twoKeys(["x", "y"]), twoKeys(["x", "x"])])).rejects.toThrow(/2 slots/);
    expect(await Promise.all([twoKeys(["x", "x"]), twoKeys(["y", "y"])])).toHaveLength(2);
  });
});
