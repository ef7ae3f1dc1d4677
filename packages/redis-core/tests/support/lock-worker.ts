/** A process that updates a number in the test's process under a lock, over and over, until it is told to end. */
import { connectRedis } from "@cardinal/redis-core/connection";
import { createRedisCore } from "../../src/core.ts";
import { openRandomLock } from "../naive/random-lock.ts";

export interface LockTask {
  readonly kind: "ours" | "naive";
  readonly lock: string;
  readonly leaseMs: number;
  readonly seed: number;
  readonly workMs: { readonly least: number; readonly most: number };
}

/** What a worker asks of the store in the test's process, and what it is answered. */
export type StoreRequest =
  | { readonly kind: "read"; readonly fence: bigint }
  | { readonly kind: "write"; readonly fence: bigint; readonly value: number }
  | { readonly kind: "held"; readonly fromNs: bigint; readonly toNs: bigint }
  | { readonly kind: "ended" };

const [url = "", prefix = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 10_000 });
await redis.ready();
const core = createRedisCore({ redis: redis.port, prefix });
let isEnding = false;

type Locked = (work: (locked: { fence: bigint; isHeld: () => boolean }) => Promise<void>) => Promise<void>;

async function openLock({ kind, lock: name, leaseMs }: LockTask): Promise<Locked> {
  if (kind === "ours") {
    const lock = core.lock(name, { lease: leaseMs, wait: "30s" });
    return (work) => lock.run((locked) => work({ fence: locked.token, isHeld: () => locked.isHeld }));
  }
  const naive = await openRandomLock(url, `${prefix}:${name}`, leaseMs);
  return (work) => naive.run(() => work({ fence: 0n, isHeld: () => true }));
}

let answered = (_: number): void => {};

/** One question at a time. */
function askStore(request: StoreRequest): Promise<number> {
  return new Promise((resolve) => {
    answered = resolve;
    process.send?.(request);
  });
}

/** Reads a number, works for a while, writes the number plus one: an update that is lost without a lock. */
async function update(locked: Locked, workForMs: number): Promise<void> {
  await locked(async ({ fence, isHeld }) => {
    const fromNs = process.hrtime.bigint();
    const value = await askStore({ kind: "read", fence });
    await new Promise((resolve) => {
      setTimeout(resolve, workForMs);
    });
    if (isHeld()) {
      await askStore({ kind: "write", fence, value: value + 1 });
      await askStore({ kind: "held", fromNs, toNs: process.hrtime.bigint() });
    }
  });
}

async function workOn(task: LockTask): Promise<void> {
  const locked = await openLock(task);
  const random = createRandom(task.seed);
  const { least, most } = task.workMs;
  while (!isEnding) {
    await update(locked, least + random() * (most - least));
  }
  isEnding = false;
  process.send?.({ kind: "ended" });
}

/** Numbers from 0 to 1, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

process.on("message", (message: LockTask | "end" | number) => {
  if (message === "end") {
    isEnding = true;
  } else if (typeof message === "number") {
    answered(message);
  } else {
    void workOn(message);
  }
});
process.send?.("ready");
