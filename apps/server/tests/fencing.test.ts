import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEpochStore, fencedWrite, fenceQueries, migrate, openDatabase, StaleFence } from "@cardinal/db";
import { manualClock } from "@cardinal/redis-core";
import { createTestCore } from "@cardinal/redis-core/testing";
import { expect, inject, it, onTestFinished } from "vitest";

async function openTempDatabase() {
  const folder = await mkdtemp(join(tmpdir(), "cardinal-fencing-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "cardinal.db");
  await migrate(path);
  return openDatabase({ path });
}

it("keeps a stale holder's write out although Redis was emptied and its clock went back", async () => {
  await using db = await openTempDatabase();
  const clock = manualClock();
  const redisUrl = inject("redisUrl");
  await using test = await createTestCore(redisUrl, { clock, epochStore: createEpochStore({ db }) });
  const lock = test.core.lock("invoice-42", { lease: "10s" });
  const write = (fence: bigint) =>
    db.write((tx) => fencedWrite(tx, { resource: "invoice-42", fence, nowMs: clock.nowMs() }, () => fence));

  const stale = await lock.acquire();
  expect(await write(stale.token)).toBe(stale.token);
  await test.redis.port.command("DEL", [test.core.keys.lock.state("invoice-42")], []);
  clock.advance(-3_600_000);

  const next = await lock.acquire();
  expect(next.token).toBe(stale.token + 1n);
  expect(await write(next.token)).toBe(next.token);
  await expect(write(stale.token)).rejects.toThrow(StaleFence);
  expect(await db.read((tx) => fenceQueries.currentFence(tx, "invoice-42"))).toBe(next.token);
});

it("remembers a token for each name of a lock of several", async () => {
  await using db = await openTempDatabase();
  const clock = manualClock();
  const redisUrl = inject("redisUrl");
  await using test = await createTestCore(redisUrl, { clock, epochStore: createEpochStore({ db }) });
  const all = await test.core.lock(["order-1", "stock-7"]).acquire();
  await all.release();
  clock.advance(-3_600_000);
  for (const name of ["order-1", "stock-7"]) {
    await test.redis.port.command("DEL", [test.core.keys.lock.state(name)], []);
    const held = await test.core.lock(name).acquire();
    expect(held.token).toBe(all.token + 1n);
  }
});
