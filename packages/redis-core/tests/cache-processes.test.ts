import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { createTestCore } from "../src/testing/index.ts";

const url = inject("redisUrl");
const worker = join(import.meta.dirname, "support/cache-load-worker.ts");

/** Starts processes and resolves when all are connected. They end with the test. */
async function startWorkers(count: number, args: readonly string[]) {
  const children = Array.from({ length: count }, () => fork(worker, args));
  await Promise.all(children.map((child) => hears(child, "ready")));
  return { children, [Symbol.dispose]: () => children.forEach((child) => child.kill("SIGKILL")) };
}

async function hears(child: ChildProcess, wanted: string): Promise<void> {
  for (;;) {
    const [message] = (await once(child, "message")) as [unknown];
    if (message === wanted) {
      return;
    }
  }
}

async function values(child: ChildProcess): Promise<string[]> {
  for (;;) {
    const [message] = (await once(child, "message")) as [unknown];
    if (Array.isArray(message)) {
      return message.map(String);
    }
  }
}

test("8 processes with 50 callers each run the loader of a cold key once", async () => {
  await using env = await createTestCore(url);
  using workers = await startWorkers(8, [url, env.prefix, "50", "200"]);
  for (const key of ["one", "two"]) {
    const answers = workers.children.map(values);
    workers.children.forEach((child) => child.send(key));
    const all = (await Promise.all(answers)).flat();
    expect(all).toHaveLength(400);
    expect(new Set(all).size).toBe(1);
  }
  expect(await env.redis.port.command("GET", [`${env.prefix}:loads`], [])).toBe("2");
  expect(await env.listPermanentKeys()).toEqual([]);
}, 60_000);

test("when the process that loads is killed, another takes over as soon as its lease has ended", async () => {
  await using env = await createTestCore(url);
  using doomed = await startWorkers(1, [url, env.prefix, "1", "60000"]);
  const [loader] = doomed.children;
  if (!loader) {
    throw new Error("unreachable");
  }
  const loading = hears(loader, "loading");
  loader.send("key");
  await loading;

  const cache = env.core.cache<string>("shared", { ttl: "1m", lease: 1_000, wait: 8_000 });
  let killedAt = Number.POSITIVE_INFINITY;
  let takenOverAt = 0;
  const waiting = cache.getOrSet("key", () => {
    takenOverAt = performance.now();
    return "taken over";
  });
  // Longer than the lease: it stands because it is renewed.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(takenOverAt).toBe(0);
  killedAt = performance.now();
  loader.kill("SIGKILL");
  expect(await waiting).toBe("taken over");
  expect(takenOverAt - killedAt).toBeLessThan(3 * 1_100);
  expect(await cache.get("key")).toBe("taken over");
}, 60_000);
