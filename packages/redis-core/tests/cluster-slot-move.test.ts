import { type ClusterNode, startCluster } from "@cardinal/dev";
import type { RedisPort } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";
import { nodeRedisPort } from "@cardinal/redis-core/node-redis";
import { createCluster } from "redis";
import { expect, it, vi } from "vitest";
import { createRedisCore } from "../src/core.ts";
import { eventually } from "./support/eventually.ts";
import { moveSlot } from "./support/move-slot.ts";
import { startPrimitives } from "./support/primitive-load.ts";
import { scanAll } from "./support/scan-all.ts";
import { watchUnhandled } from "./support/watch-unhandled.ts";

const deadlineMs = 1_500;

async function openIoredis(nodes: readonly ClusterNode[], stack: AsyncDisposableStack): Promise<RedisPort> {
  const target = `redis+cluster://${nodes.map(({ host, port }) => `${host}:${port}`).join(",")}`;
  const redis = stack.use(connectRedis({ target, deadlineMs, checkSlots: true }));
  await redis.ready();
  return redis.port;
}

async function openNodeRedis(nodes: readonly ClusterNode[], stack: AsyncDisposableStack): Promise<RedisPort> {
  const rootNodes = nodes.map(({ host, port }) => ({ url: `redis://${host}:${port}` }));
  const client = createCluster({ RESP: 2, rootNodes });
  client.on("error", () => {});
  await client.connect();
  stack.defer(() => client.destroy());
  const port = nodeRedisPort(client, { deadlineMs, checkSlots: true });
  stack.defer(() => port.close());
  return port;
}

type ErrorCounts = Record<"ASK" | "MOVED" | "TRYAGAIN" | "CROSSSLOT", number>;

function readErrorCounts(infos: string): ErrorCounts {
  const countOf = (name: string) =>
    [...infos.matchAll(new RegExp(`errorstat_${name}:count=(\\d+)`, "g"))].reduce((sum, [, n]) => sum + Number(n), 0);
  return {
    ASK: countOf("ASK"),
    MOVED: countOf("MOVED"),
    TRYAGAIN: countOf("TRYAGAIN"),
    CROSSSLOT: countOf("CROSSSLOT"),
  };
}

/** How often the nodes together answered with each of these errors. */
async function countErrors(port: RedisPort): Promise<ErrorCounts> {
  const infos = await port.eachMaster((master) => master.command("INFO", ["errorstats"]));
  return readErrorCounts(infos.map(String).join("\n"));
}

it("slots that move under load: no foreign error, every outcome told, nothing lost, and it is over in seconds", async () => {
  const unhandled = watchUnhandled();
  await using stack = new AsyncDisposableStack();
  const { nodes } = stack.use(await startCluster({ masters: 3 }));
  const ports = [await openIoredis(nodes, stack), await openNodeRedis(nodes, stack)];
  const cores = ports.map((redis) => stack.use(createRedisCore({ redis, prefix: "slots" })));
  const loads = ["moved-a", "moved-b", "left-alone"].flatMap((identity) => {
    const watch = { isHeld: false, token: 0n };
    return cores.flatMap((core, client) =>
      startPrimitives(core, identity, { client, watch }).map((each) => ({ ...each, identity, client })),
    );
  });
  const untilAllConfirmed = (some = loads) => Promise.all(some.map(({ load }) => load.untilConfirmed()));
  await untilAllConfirmed();

  const [asker] = ports as [RedisPort];
  const names = await scanAll(asker, "slots:*moved-*");
  const slots = [...new Set(names.map((name) => asker.slotOf(name)))];
  // All keys of an identity but the cache's share a slot.
  expect(slots).toHaveLength(4);
  for (const slot of slots) {
    const from = Math.floor((slot * nodes.length) / 16_384);
    const [source, target] = [nodes[from], nodes[(from + 1) % nodes.length]];
    if (!source || !target) {
      throw new Error(`no master has slot ${slot}`);
    }
    const reads = loads.filter(
      ({ what, identity }) => what === "reads of a count" && asker.slotOf(`{${identity}}`) === slot,
    );
    const before = await countErrors(asker);
    await moveSlot(slot, source, target, {
      async halfway() {
        const some = await countErrors(asker);
        await vi.waitUntil(async () => (await countErrors(asker)).TRYAGAIN > some.TRYAGAIN, { timeout: 45_000 });
      },
      async beforeHandOver() {
        const some = await countErrors(asker);
        await vi.waitUntil(async () => (await countErrors(asker)).ASK > some.ASK + 5, { timeout: 45_000 });
        // By now only a client that follows ASK can read; the first one may have been on its way before.
        await untilAllConfirmed(reads);
        await untilAllConfirmed(reads);
      },
    });
    await vi.waitUntil(async () => (await countErrors(asker)).MOVED > before.MOVED, { timeout: 45_000 });
  }

  const startedAt = performance.now();
  await untilAllConfirmed();
  await untilAllConfirmed();
  const recoveredMs = performance.now() - startedAt;
  expect(recoveredMs).toBeLessThan(45_000);
  const reports = await Promise.all(loads.map(async (each) => ({ ...each, report: await each.load.stop() })));
  for (const { what, identity, client, report, verify } of reports) {
    expect({ what, identity, client, others: report.others }).toEqual({ what, identity, client, others: [] });
    await verify(report);
  }
  const errors = await countErrors(asker);
  expect(errors.CROSSSLOT).toBe(0);
  expect(unhandled).toEqual([]);
  const sum = (kind: "confirmed" | "unknown" | "unavailable") =>
    reports.reduce((total, { report }) => total + report[kind], 0);
  process.stdout.write(
    `${slots.length} slots moved: ${JSON.stringify(errors)}, ${sum("confirmed")} confirmed, ` +
      `${sum("unknown")} unknown, ${sum("unavailable")} unavailable, back after ${recoveredMs.toFixed(0)} ms\n`,
  );
}, 180_000);

it("calls wait for a slot on its way; if it stays there, or its new master dies, they fail as an outage", async () => {
  const unhandled = watchUnhandled();
  await using stack = new AsyncDisposableStack();
  const { nodes } = stack.use(await startCluster({ masters: 3 }));
  const ports = [await openIoredis(nodes, stack), await openNodeRedis(nodes, stack)];
  const keys = ["{between}:a", "{between}:b"];
  const [port] = ports as [RedisPort];
  for (const key of keys) {
    await port.command("SADD", [key], ["member"]);
  }
  const from = Math.floor((port.slotOf("{between}") * nodes.length) / 16_384);
  const [target, source] = [nodes[from], nodes[(from + 1) % nodes.length]] as [ClusterNode, ClusterNode];
  const outcomeOf = async (call: Promise<unknown>) => {
    try {
      return `answered ${String(await call)}`;
    } catch (error) {
      return error instanceof Error ? error.name : String(error);
    }
  };
  const slot = port.slotOf("{between}");
  let waiting: Promise<string>[] = [];
  await moveSlot(slot, target, source, {
    async halfway() {
      const before = (await countErrors(port)).TRYAGAIN;
      waiting = ports.map((each) => outcomeOf(each.command("SINTER", keys, [], { deadlineMs: 10_000 })));
      await vi.waitUntil(async () => (await countErrors(port)).TRYAGAIN >= before + ports.length, { timeout: 45_000 });
    },
  });
  expect(await Promise.all(waiting)).toEqual(["answered member", "answered member"]);

  const moving = moveSlot(slot, source, target, {
    async halfway() {
      for (const each of ports) {
        // ioredis may still send what it put off, so there the outcome is unknown.
        const ask = () => outcomeOf(each.command("SINTER", keys, [], { deadlineMs: 300 }));
        await eventually(async () => expect(await ask()).toBe(each === port ? "OutcomeUnknown" : "RedisUnavailable"));
      }
    },
    async beforeHandOver() {
      process.kill(target.pid, "SIGSTOP");
      await using redis = connectRedis({ target: `redis://${source.host}:${source.port}` });
      await redis.ready();
      const asked = (await countErrors(redis.port)).ASK;
      const options = { deadlineMs: 10_000 };
      const calls = ports.map((each) => outcomeOf(each.command("SADD", keys.slice(0, 1), ["other"], options)));
      await vi.waitUntil(async () => (await countErrors(redis.port)).ASK >= asked + ports.length, { timeout: 45_000 });
      process.kill(target.pid, "SIGKILL");
      for (const outcome of await Promise.all(calls)) {
        expect(["RedisUnavailable", "OutcomeUnknown"]).toContain(outcome);
      }
      throw new Error("the new master died");
    },
  });
  await expect(moving).rejects.toThrow("the new master died");
  expect(unhandled).toEqual([]);
}, 120_000);
