import { startSentinel, startTcpProxy, type TcpProxy } from "@cardinal/dev";
import { connectRedis, type RedisConnection } from "@cardinal/redis-core/connection";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { createRedisCore } from "../src/core.ts";
import { conforms } from "./support/conforms.ts";
import { startPrimitives } from "./support/primitive-load.ts";
import { watchUnhandled } from "./support/watch-unhandled.ts";
import { startLoad } from "./support/write-load.ts";

const deadlineMs = 1_500;

describe("ioredisPort behind Sentinel", () => {
  let failover: (() => Promise<void>) | undefined;

  conforms(
    async (stack) => {
      // A machine that is busy for a second must not look like a dead master: until it is killed, none is sought.
      const group = stack.use(await startSentinel({ downAfterMs: 60_000 }));
      const proxies = new Map<number, TcpProxy>();
      for (const node of group.nodes) {
        proxies.set(node.port, stack.use(await startTcpProxy({ target: node })));
      }
      let masterPort = (await group.master()).port;
      failover = async () => {
        for (const { host, port } of group.sentinels) {
          const sentinel = new Redis({ host, port });
          await sentinel.call("SENTINEL", ["SET", group.name, "down-after-milliseconds", "500"]);
          sentinel.disconnect();
        }
        masterPort = (await group.failover()).port;
      };
      const proxyOfMaster = () => {
        const proxy = proxies.get(masterPort);
        if (!proxy) {
          throw new Error("no proxy");
        }
        return proxy;
      };
      // What the sentinels name leads to the proxies.
      const natMap = Object.fromEntries(
        Array.from(proxies, ([port, proxy]) => [`127.0.0.1:${port}`, { host: proxy.host, port: proxy.port }]),
      );
      const sentinels = group.sentinels.map(({ host, port }) => `${host}:${port}`).join(",");
      const target = `redis+sentinel://${sentinels}/${group.name}`;
      const [plain, checked] = [false, true].map((checkSlots) =>
        stack.use(connectRedis({ target, natMap, deadlineMs, checkSlots })),
      ) as [RedisConnection, RedisConnection];
      await Promise.all([plain.ready(), checked.ready()]);
      return {
        port: plain.port,
        checked: checked.port,
        proxyOf: proxyOfMaster,
        dropSubscribers: () => plain.port.command("CLIENT KILL", [], ["TYPE", "pubsub"]),
      };
    },
    {
      inBetween(get) {
        it("a failover under load: every outcome is known or said to be unknown, and it is over in seconds", async () => {
          const { port } = get();
          const unhandled = watchUnhandled();
          await using core = createRedisCore({ redis: port, prefix: "failover" });
          const watch = { isHeld: false, token: 0n };
          const primitives = startPrimitives(core, "all", { client: 0, watch, mayForget: true });
          const allConfirmed = () => Promise.all(primitives.map(({ load }) => load.untilConfirmed()));
          const heard: string[] = [];
          await port.subscribe(["failover"], {
            onMessage: (message) => heard.push(message),
            onGap: () => heard.push("gap"),
          });
          const quick = startLoad(port, "{load}:quick");
          const safe = startLoad(port, "{load}:safe", { waitReplicas: 1 });
          await Promise.all([quick.untilConfirmed(), safe.untilConfirmed(), allConfirmed()]);
          await failover?.();
          const startedAt = performance.now();
          await quick.untilConfirmed();
          // The last one confirmed may have been on its way before; the next is the new master's.
          await allConfirmed();
          await allConfirmed();
          expect(performance.now() - startedAt).toBeLessThan(15_000);
          for (const { what, load, verify } of primitives) {
            const report = await load.stop();
            expect({ what, others: report.others }).toEqual({ what, others: [] });
            await verify(report);
          }
          const reports = await Promise.all([quick.stop(), safe.stop()]);
          const [storedQuick, storedSafe] = await Promise.all(
            ["quick", "safe"].map(async (each) => Number(await port.command("GET", [`{load}:${each}`], []))),
          );
          const [quickly, safely] = reports;
          expect(reports.flatMap(({ others }) => others)).toEqual([]);
          expect(quickly.unavailable + quickly.unknown).toBeGreaterThan(0);
          expect(storedQuick).toBeLessThanOrEqual(quickly.confirmed + quickly.unknown);
          // What a replica had acknowledged survives its master.
          expect(storedSafe).toBeGreaterThanOrEqual(safely.confirmed);
          expect(storedSafe).toBeLessThanOrEqual(safely.confirmed + safely.unknown);
          await expect.poll(() => heard, { timeout: 15_000 }).toContain("gap");
          await port.command("PUBLISH", ["failover"], ["over"]);
          await expect.poll(() => heard).toContain("over");
          expect(unhandled).toEqual([]);
        });
      },
    },
  );
});
