import { startRedis } from "@cardinal/dev";
import { pino } from "pino";
import { expect, it, vi } from "vitest";
import { createTestServer } from "./support/create-test-server.ts";

it("a server says at its start what is wrong with its Redis", async () => {
  await using redis = await startRedis({ config: ["maxmemory 50mb", "maxmemory-policy allkeys-lru"] });
  const lines: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  await using _test = await createTestServer({ redisUrl: redis.url, overrides: { log } });
  await vi.waitFor(
    () =>
      expect(lines.filter(({ msg }) => msg === "redis check")).toEqual([
        expect.objectContaining({ level: 50, code: "state-evicts", cost: expect.any(String) }),
      ]),
    { timeout: 10_000 },
  );
});
