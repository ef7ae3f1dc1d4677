import { startRedis } from "@cardinal/dev";
import { pino } from "pino";
import { expect, it } from "vitest";
import { createTestServer } from "./support/create-test-server.ts";
import { eventually } from "./support/eventually.ts";

it("a server says at its start what is wrong with its Redis", async () => {
  await using redis = await startRedis({ config: ["maxmemory 50mb", "maxmemory-policy allkeys-lru"] });
  const lines: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  await using _test = await createTestServer({ redisUrl: redis.url, overrides: { log } });
  await eventually(async () =>
    expect(lines.filter(({ msg }) => msg === "redis check")).toEqual([
      expect.objectContaining({ level: 50, code: "state-evicts", cost: expect.any(String) }),
    ]),
  );
});
