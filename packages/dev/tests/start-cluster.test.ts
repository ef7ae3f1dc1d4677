import { Cluster } from "ioredis";
import { expect, test } from "vitest";
import { startCluster } from "@cardinal/dev";
import { isAlive } from "../src/processes/process-table.ts";

test("starts a Cluster with replicas that takes every key, and stops all of it", async () => {
  const cluster = await startCluster({ masters: 3, replicas: 1 });
  expect(cluster.nodes.map(({ role }) => role)).toEqual([
    ...Array.from({ length: 3 }, () => "master"),
    ...Array.from({ length: 3 }, () => "replica"),
  ]);
  const client = new Cluster(cluster.nodes.map(({ host, port }) => ({ host, port })));
  await Promise.all(Array.from({ length: 50 }, (_, index) => client.set(`key:${index}`, index)));
  expect(await client.get("key:49")).toBe("49");
  expect(client.nodes("master")).toHaveLength(3);
  expect(client.nodes("slave")).toHaveLength(3);
  client.disconnect();
  await cluster.stop();
  expect(cluster.nodes.some(({ pid }) => isAlive(pid))).toBe(false);
});
