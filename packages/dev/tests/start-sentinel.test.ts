import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { startSentinel } from "@cardinal/dev";
import { isAlive } from "../src/processes/process-table.ts";

test("fails over to the replica, and a client follows", async () => {
  const group = await startSentinel();
  const client = new Redis({
    sentinels: group.sentinels.map(({ host, port }) => ({ host, port })),
    name: group.name,
    sentinelRetryStrategy: () => 50,
    retryStrategy: () => 50,
    maxRetriesPerRequest: null,
  });
  client.on("error", () => {});
  const before = await group.master();
  await client.set("key", "before");
  await client.wait(1, 1000);

  const after = await group.failover();
  expect(after.port).not.toBe(before.port);
  expect(group.nodes.map(({ port }) => port)).toContain(after.port);
  expect(await client.get("key")).toBe("before");
  await client.set("key", "after");
  expect(await client.get("key")).toBe("after");
  client.disconnect();
  await group.stop();
  expect(group.nodes.some(({ pid }) => isAlive(pid))).toBe(false);
});
