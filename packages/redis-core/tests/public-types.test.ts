import type { Duration, RedisCore } from "@cardinal/redis-core";
import { answerOutage, expressSessions, limitRequests } from "@cardinal/redis-core/express";
import { slidingWindow, tokenBucket } from "@cardinal/redis-core/rate-limit";
import express, { type Express, type Request } from "express";
import { describe, expectTypeOf, it } from "vitest";
import type { CacheEventMap } from "../src/cache/index.ts";
import type { Channel, ReplayChannel, ReplayEvent } from "../src/channel/index.ts";

/** Never run: only its types are looked at. */
function declare(core: RedisCore) {
  const limiter = core.limiter("api", { user: slidingWindow(5, "1m"), address: tokenBucket({ rate: 1, per: "1s" }) });
  const parsed = core.channel("orders", { schema: (value) => ({ id: String(value), at: new Date(0) }) });
  const believed = core.channel<{ readonly id: number }>("orders");
  const kept = core.channel("orders", { delivery: "replay", schema: (value) => ({ id: String(value) }) });
  const cache = core.cache<{ readonly id: number }>("thing", { ttl: "1m" });
  const sessions = core.sessions({ idle: "1h", absolute: "1d", schema: (value) => ({ role: String(value) }) });
  const auth = expressSessions(sessions);
  const keys = (request: Request) => ({ user: request.ip ?? null, address: null });
  const middleware = limitRequests(limiter, { keys });
  const app = express().use(auth.middleware, auth.required, middleware).use(answerOutage);
  return { cache, limiter, parsed, believed, kept, auth, app };
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

  it("a cache reads, loads and tells of its own values", () => {
    type Value = { readonly id: number };
    expectTypeOf<Awaited<ReturnType<Declared["cache"]["get"]>>>().toEqualTypeOf<Value | undefined>();
    type Context = Parameters<Parameters<Declared["cache"]["getOrSet"]>[1]>[0];
    expectTypeOf<Context["stale"]>().toEqualTypeOf<Value | undefined>();
    expectTypeOf<CacheEventMap["hit"]>().toEqualTypeOf<{ readonly key: string } & { readonly tier: "l1" | "l2" }>();
  });

  it("Express takes the middleware as it is, and a visit's data comes from the schema", () => {
    type Visit = ReturnType<Declared["auth"]["of"]>;
    expectTypeOf<NonNullable<Visit["session"]>["data"]>().toEqualTypeOf<{ role: string }>();
    expectTypeOf<Declared["app"]>().toEqualTypeOf<Express>();
  });

  it("a channel is one with replay where its options say so", () => {
    expectTypeOf<Declared["kept"]>().toEqualTypeOf<ReplayChannel<{ id: string }>>();
    type Streamed = ReturnType<Declared["kept"]["stream"]> extends AsyncIterable<infer E> ? E : never;
    expectTypeOf<Streamed>().toEqualTypeOf<ReplayEvent<{ id: string }>>();
    expectTypeOf<Extract<Streamed, { type: "gap" }>>().not.toHaveProperty("message");
  });

  it("a lock has one name or several, and its token is a bigint", () => {
    type Locked = Parameters<Parameters<ReturnType<RedisCore["lock"]>["run"]>[0]>[0];
    expectTypeOf<Parameters<RedisCore["lock"]>[0]>().toEqualTypeOf<string | readonly string[]>();
    expectTypeOf<Locked["token"]>().toEqualTypeOf<bigint>();
    expectTypeOf<Locked["signal"]>().toEqualTypeOf<AbortSignal>();
  });

  it("a duration is a number of milliseconds or a number with a unit", () => {
    expectTypeOf<"10m" | "1.5h" | 250>().toExtend<Duration>();
    expectTypeOf<"10 minutes">().not.toExtend<Duration>();
  });
});
