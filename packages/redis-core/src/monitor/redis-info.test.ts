import { expect, it } from "vitest";
import { numbersIn, parseInfo, parsePairs } from "./redis-info.ts";
import { describeServer } from "./server-identity.ts";

it("reads INFO's fields, and says which one is absent", () => {
  const info = parseInfo("# Memory\r\nused_memory:12\r\nmaxmemory_policy:noeviction\r\n\r\nurl:a:b\r\n");
  expect(numbersIn(info, ["used_memory"])).toEqual({ ok: true, value: { used_memory: 12 } });
  expect(numbersIn(info, ["used_memory", "evicted_keys"])).toMatchObject({
    ok: false,
    reason: expect.stringContaining("evicted_keys"),
  });
  expect(info.get("url")).toBe("a:b");
  expect(parsePairs("keys=3,expires=1").get("keys")).toBe("3");
});

it.each([
  ["redis_version:7.0.15\r\nredis_mode:standalone", "redis", "7.0.15"],
  ["redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.0.1", "valkey", "9.0.1"],
  ["redis_version:7.4.0\r\ndragonfly_version:df-v1.30.0", "dragonfly", "df-v1.30.0"],
  ["redis_version:6.3.4\r\nexecutable:/usr/bin/keydb-server", "keydb", "6.3.4"],
  ["redis_version:6.2.6\r\nupstash_version:1.8.0", "upstash", "1.8.0"],
  ["", "unknown", null],
])("names the server behind %j", (text, flavour, version) => {
  expect(describeServer(parseInfo(text))).toMatchObject({ flavour, version });
});
