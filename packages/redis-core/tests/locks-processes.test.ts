import { createTestCore } from "@cardinal/redis-core/testing";
import { describe, expect, inject, it } from "vitest";
import type { StoreRequest } from "./support/lock-worker.ts";
import { startWorkers, type Workers } from "./support/start-workers.ts";

const url = inject("redisUrl");

/** A number that refuses whoever comes with a lower fencing token than somebody before. */
class FencedNumber {
  value = 0;
  accepted = 0;
  refused = 0;
  readonly fences: bigint[] = [];
  readonly held: { readonly fromNs: bigint; readonly toNs: bigint }[] = [];
  #highest = 0n;

  answer(request: StoreRequest): number {
    if (request.kind === "held") {
      this.held.push(request);
      return 0;
    }
    if (request.fence < this.#highest) {
      this.refused += 1;
      return this.value;
    }
    this.#highest = request.fence;
    if (request.kind === "write") {
      this.value = request.value;
      this.accepted += 1;
      this.fences.push(request.fence);
    }
    return this.value;
  }
}

function serve(workers: Workers, store: FencedNumber): void {
  for (const { process } of workers.all) {
    process.on("message", (request: StoreRequest) => process.send(store.answer(request)));
    process.send("go");
  }
}

async function untilAccepted(store: FencedNumber, count: number): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (store.accepted < count && performance.now() < deadline) {
    await pause(20);
  }
  expect(store.accepted).toBeGreaterThanOrEqual(count);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

describe("four processes on one lock", () => {
  it("never hold it at the same time (C2)", async () => {
    await using test = await createTestCore(url);
    const store = new FencedNumber();
    await using workers = await startWorkers("lock-worker.ts", 4, url, test.prefix);
    serve(workers, store);
    await untilAccepted(store, 10);
    const held = store.held.toSorted((a, b) => Number(a.fromNs - b.fromNs));
    for (const [index, { toNs }] of held.entries()) {
      const next = held[index + 1];
      expect(next === undefined || next.fromNs >= toNs).toBe(true);
    }
    expect(store.refused).toBe(0);
    expect(store.value).toBe(store.accepted);
  });

  it("lose no update although holders are stopped past their lease (F6, C2)", async () => {
    await using test = await createTestCore(url);
    const store = new FencedNumber();
    await using workers = await startWorkers("lock-worker.ts", 4, url, test.prefix);
    serve(workers, store);
    for (let turn = 0; turn < 8; turn += 1) {
      // Whoever holds the lock is among two that are stopped for longer than its lease.
      const stopped = [workers.all[turn % 4], workers.all[(turn + 1) % 4]];
      for (const worker of stopped) {
        worker?.process.kill("SIGSTOP");
      }
      await pause(280);
      for (const worker of stopped) {
        worker?.process.kill("SIGCONT");
      }
      await pause(60);
    }
    await untilAccepted(store, store.accepted + 2);
    expect(store.fences).toEqual(store.fences.toSorted((a, b) => Number(a - b)));
    expect(store.value).toBe(store.accepted);
  });
});
