import { expect, test } from "vitest";
import {
  createEpochStore,
  fencedWrite,
  fenceQueries,
  StaleFence,
  type WriteTransaction,
} from "../src/index.ts";
import { NOW_MS } from "./fixtures.ts";
import { createTempDatabase } from "./temp-database.ts";

const setTag = (tx: WriteTransaction, name: string) =>
  tx.statement("INSERT INTO tag (name, created_at) VALUES (?, ?)").run(name, NOW_MS);

test("a fenced write is refused after a newer holder wrote, and leaves nothing behind", async () => {
  await using temp = await createTempDatabase();
  const write = (fence: bigint, name: string) =>
    temp.db.write((tx) => {
      setTag(tx, `before-${name}`);
      return fencedWrite(tx, { resource: "invoice", fence, nowMs: NOW_MS }, () => setTag(tx, name).changes);
    });
  expect(await write(10n, "ten")).toBe(1);
  expect(await write(10n, "ten-again")).toBe(1);
  expect(await write(12n, "twelve")).toBe(1);
  await expect(write(11n, "eleven")).rejects.toThrow(StaleFence);
  await temp.db.read((tx) => {
    const names = tx.statement<{ name: string }>("SELECT name FROM tag WHERE name LIKE '%eleven'").all();
    expect(names).toEqual([]);
    expect(fenceQueries.currentFence(tx, "invoice")).toBe(12n);
    expect(fenceQueries.currentFence(tx, "another")).toBe(0n);
  });
});

test("only rising tokens are accepted when 100 holders write in a random order", async () => {
  await using temp = await createTempDatabase();
  const fences = Array.from({ length: 100 }, (_, index) => BigInt((index * 37) % 100) + 1n);
  const writes = await Promise.allSettled(
    fences.map((fence) =>
      temp.db.write((tx) => fencedWrite(tx, { resource: "r", fence, nowMs: NOW_MS }, () => fence)),
    ),
  );
  const accepted = writes.flatMap((write) => (write.status === "fulfilled" ? [write.value] : []));
  expect(accepted).toEqual(accepted.toSorted((a, b) => Number(a - b)));
  expect(accepted.at(-1)).toBe(100n);
});

test("the floor under fencing tokens never sinks and keeps every digit", async () => {
  await using temp = await createTempDatabase();
  const store = createEpochStore({ db: temp.db, clock: () => NOW_MS });
  const large = 9_007_199_254_740_993n;
  expect(await store.read("lock")).toBe(0n);
  await Promise.all([store.raise("lock", 5n), store.raise("lock", large), store.raise("lock", 7n)]);
  expect(await store.read("lock")).toBe(large);
});
