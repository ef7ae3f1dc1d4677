import { startTcpProxy } from "@cardinal/dev";
import { createRedisClient } from "@cardinal/redis-core/connection";
import { Redis } from "ioredis";
import { expect, inject, it, onTestFinished, vi } from "vitest";
import { startFakeSentinel } from "./support/fake-sentinel.ts";

const patience = { timeout: 10_000, interval: 10 };

/** Loses the connection, and lets the news of the failover come while the client asks for the master again. */
async function loseDuringFailover(connect: (sentinelPort: number) => Redis): Promise<Redis> {
  const { hostname, port } = new URL(inject("redisUrl"));
  const proxy = await startTcpProxy({ target: { host: hostname, port: Number(port) } });
  onTestFinished(() => proxy.stop());
  const sentinel = await startFakeSentinel({ host: proxy.host, port: proxy.port });
  onTestFinished(() => sentinel[Symbol.asyncDispose]());
  const client = connect(sentinel.port);
  onTestFinished(() => client.disconnect());
  client.on("error", () => {});
  await vi.waitFor(() => expect(client.status).toBe("ready"), patience);
  await vi.waitFor(() => expect(sentinel.countListeners()).toBe(1), patience);
  sentinel.failOverDuringNextQuestion();
  const closed = new Promise<void>((resolve) => {
    client.once("close", () => resolve());
  });
  proxy.cutAll();
  await closed;
  await vi.waitFor(() => expect(client.status).toMatch(/^(ready|end)$/), patience);
  return client;
}

it("a failover that is told while the client connects ends ioredis' own client for good", async () => {
  const client = await loseDuringFailover(
    (port) =>
      new Redis({
        sentinels: [{ host: "127.0.0.1", port }],
        name: "m",
        protocol: 2,
        failoverDetector: true,
        retryStrategy: () => 10,
      }),
  );
  expect(client.status).toBe("end");
});

it("a failover that is told while the client connects leaves ours on its way", async () => {
  const client = await loseDuringFailover((port) => {
    const made = createRedisClient({ target: `redis+sentinel://127.0.0.1:${port}/m`, purpose: "commands" });
    if (!(made instanceof Redis)) {
      throw new Error("no Sentinel client");
    }
    return made;
  });
  expect(client.status).toBe("ready");
  expect(await client.ping()).toBe("PONG");
});
