import type { Duration, RedisCore } from "@cardinal/redis-core";
import { slidingWindow, tokenBucket } from "@cardinal/redis-core/rate-limit";
import { describe, expectTypeOf, it } from "vitest";
import type { Channel, ReplayChannel, ReplayEvent } from "../src/channel/index.ts";

/** Never run: only its types are looked at. */
function declare(core: RedisCore) {
  const limiter = core.limiter("api", { user: slidingWindow(5, "1m"), address: tokenBucket({ rate: 1, per: "1s" }) });
  const parsed = core.channel("orders", { schema: (value) => ({ id: String(value), at: new Date(0) }) });
  const believed = core.channel<{ readonly id: number }>("orders");
  const kept = core.channel("orders", { delivery: "replay", schema: (value) => ({ id: String(value) }) });
  return { limiter, parsed, believed, kept };
}

type Declared = ReturnType<typeof declare>;
type Decision = Awaited<ReturnType<Declared["limiter"]["limit"]>>;

describe("public types", () => {
  it("a decision names the limiter's own rules", () => {
    expectTypeOf<Decision["limitedBy"]>().toEqualTypeOf<"user" | "address" | undefined>();
    expectTypeOf<keyof Decision["rules"]>().toEqualTypeOf<"user" | "address">();
  });

  it("a call names a key, or null, for every rule", () => {
    type Keys = Parameters<Declared["limiter"]["limit"]>[0];
    expectTypeOf<{ user: string; address: null }>().toExtend<Keys>();
    expectTypeOf<{ user: string }>().not.toExtend<Keys>();
    expectTypeOf<{ user: number; address: null }>().not.toExtend<Keys>();
  });

  it("a channel's messages come from its schema", () => {
    expectTypeOf<Declared["parsed"]>().toEqualTypeOf<Channel<{ id: string; at: Date }>>();
    expectTypeOf<Parameters<Declared["believed"]["publish"]>[0]>().toEqualTypeOf<{ readonly id: number }>();
  });

  it("a channel is one with replay where its options say so", () => {
    expectTypeOf<Declared["kept"]>().toEqualTypeOf<ReplayChannel<{ id: string }>>();
    type Streamed = ReturnType<Declared["kept"]["stream"]> extends AsyncIterable<infer E> ? E : never;
    expectTypeOf<Streamed>().toEqualTypeOf<ReplayEvent<{ id: string }>>();
    expectTypeOf<Extract<Streamed, { type: "gap" }>>().not.toHaveProperty("message");
  });

  it("a duration is a number of milliseconds or a number with a unit", () => {
    expectTypeOf<"10m" | "1.5h" | 250>().toExtend<Duration>();
    expectTypeOf<"10 minutes">().not.toExtend<Duration>();
  });
});
