import { createTestCore, type TestCore } from "@cardinal/redis-core/testing";
import { connectRedis } from "@cardinal/redis-core/connection";
import fc from "fast-check";
import { describe, expect, inject, it } from "vitest";
import type { ReplayEvent } from "../src/channel/index.ts";
import { createRedisCore } from "../src/core.ts";
import { checkProperty } from "./support/check-property.ts";
import { eventually } from "./support/eventually.ts";

const url = inject("redisUrl");
const retain = 12;

type Act =
  | { readonly kind: "publish"; readonly count: number; readonly atOnce: boolean }
  | { readonly kind: "cut" | "mute" | "forget" | "wait" }
  | { readonly kind: "hold" | "read"; readonly reader: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("publish"), count: fc.integer({ min: 1, max: 16 }), atOnce: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("cut", "mute", "forget", "wait") }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("hold", "read"), reader: fc.nat(2) }) },
);

/** A reader that can be held, so that messages pass it by. */
class Reader {
  readonly events: ReplayEvent<number>[] = [];
  #held: PromiseWithResolvers<void> | undefined;

  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  read(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  async take(event: ReplayEvent<number>): Promise<void> {
    await this.#held?.promise;
    this.events.push(event);
  }
}

async function holds(acts: readonly Act[]): Promise<void> {
  await using harness: TestCore = await createTestCore(url);
  const name = `replay-model-${harness.prefix}`;
  await using connection = connectRedis({ target: url, name });
  await connection.ready();
  await using core = createRedisCore({ redis: connection.port, prefix: harness.prefix });
  const options = { delivery: "replay", retain, lookEvery: 200 } as const;
  const reading = core.channel<number>("numbers", options);
  const writing = harness.core.channel<number>("numbers", options);
  const readers = [new Reader(), new Reader(), new Reader()];
  await reading.subscribe((message, at) => readers[0]?.take({ type: "message", message, ...at }), {
    batch: 3,
    onGap: (gap) => void readers[0]?.events.push(gap),
  });
  await reading.consumer("sum", { batch: 5 }).run((message, at) => readers[1]?.take({ type: "message", message, ...at }), {
    onGap: (gap) => void readers[1]?.events.push(gap),
  });
  // Begins before anything was published, as the others do.
  const { cursor } = await reading.read();
  const ending = new AbortController();
  const streaming = (async () => {
    for await (const event of reading.stream({ from: { id: cursor }, signal: ending.signal })) {
      await readers[2]?.take(event);
    }
  })();

  const command = (words: string, args: string[]) => harness.redis.port.command(words, [], args);
  let published = 0;
  for (const each of acts) {
    switch (each.kind) {
      case "publish": {
        const values = Array.from({ length: each.count }, () => (published += 1));
        if (each.atOnce) {
          await Promise.all(values.map((value) => writing.publish(value)));
        } else {
          for (const value of values) {
            await writing.publish(value);
          }
        }
        break;
      }
      case "cut": {
        const list = String(await command("CLIENT LIST", []));
        const line = list.split("\n").find((client) => client.includes(` name=${name}:subscriber `));
        const id = /^id=(\d+)/.exec(line ?? "")?.[1];
        await (id === undefined ? null : command("CLIENT KILL", ["ID", id]));
        break;
      }
      case "mute":
        // As if nobody listened: the next messages ring for nobody.
        await command("UNLINK", [harness.core.keys.channel.listening("numbers")]);
        break;
      case "forget":
        await command("SCRIPT FLUSH", []);
        break;
      case "wait":
        await new Promise((resolve) => setTimeout(resolve, 5));
        break;
      case "hold":
        readers[each.reader]?.hold();
        break;
      case "read":
        readers[each.reader]?.read();
        break;
    }
  }
  for (const reader of readers) {
    reader.read();
  }
  const last = (published += 1);
  await writing.publish(last);
  for (const { events } of readers) {
    await eventually(() => expect(events.at(-1)).toMatchObject({ message: last }));
    let before = 0;
    let isGap = false;
    for (const event of events) {
      if (event.type === "gap") {
        isGap = true;
      } else {
        // Each next one, or a later one after a gap that says so; never one again.
        expect(isGap ? event.message > before + 1 : event.message === before + 1).toBe(true);
        before = event.message;
        isGap = false;
      }
    }
  }
  ending.abort();
  await streaming;
  expect(await harness.listPermanentKeys()).toEqual([]);
}

describe("a channel with replay", () => {
  it("gives readers and consumers each message once, in order, or tells where some were dropped", async () => {
    const property = fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 25 }), holds);
    await expect(checkProperty("replay", property, { runs: 12 })).resolves.toBeUndefined();
  }, 120_000);
});
