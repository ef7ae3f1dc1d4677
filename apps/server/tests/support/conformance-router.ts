import { setImmediate as turn } from "node:timers/promises";
import { initTRPC, tracked, TRPCError } from "@trpc/server";
import { z } from "zod";

/** What a context of this router says of its connection. */
export interface ConformanceContext {
  readonly name: string | null;
}

const t = initTRPC.context<ConformanceContext>().create({ isDev: false });
const { procedure } = t;

/** One procedure for every way in which a call can go, each done within a few turns of the event loop. */
export const conformanceRouter = t.router({
  echo: procedure.input(z.unknown()).query(({ input }) => input ?? null),
  whoami: procedure.query(({ ctx }) => ctx.name),
  nothing: procedure.query(() => undefined),
  settle: procedure.query(async () => {
    for (let n = 0; n < 20; n += 1) {
      await turn();
    }
    return "settled";
  }),
  double: procedure.input(z.number()).mutation(({ input }) => input * 2),
  refuse: procedure.mutation(() => {
    throw new TRPCError({ code: "FORBIDDEN", message: "not you" });
  }),
  crash: procedure.query(() => {
    throw new RangeError("no ☃ here");
  }),
  stream: procedure.query(async function* () {
    yield 1;
  }),
  count: procedure
    .input(z.object({ to: z.number(), lastEventId: z.string().optional() }))
    .subscription(async function* ({ input }) {
      for (let n = Number(input.lastEventId ?? 0) + 1; n <= input.to; n += 1) {
        yield tracked(String(n), { n, text: "ünïcödé ☃ \u2028 \"quoted\"" });
      }
    }),
  plain: procedure.subscription(async function* () {
    yield "text";
    yield 7;
    yield null;
    yield { nested: [1, { a: undefined }] };
    yield tracked("x", "text with an id");
    yield tracked("y", null);
  }),
  lastEventIdOf: procedure.input(z.unknown()).subscription(async function* ({ input }) {
    yield { input: input ?? "none" };
  }),
  forever: procedure.subscription(async function* ({ signal }) {
    yield "begun";
    await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
  }),
  breaks: procedure.subscription(async function* () {
    yield tracked("1", { n: 1 });
    throw new TRPCError({ code: "TOO_MANY_REQUESTS", message: "enough" });
  }),
  breaksInside: procedure.subscription(async function* () {
    yield 1;
    throw new Error("inside");
  }),
  refusedStream: procedure.subscription(async (): Promise<AsyncGenerator<number>> => {
    throw new TRPCError({ code: "UNAUTHORIZED", message: "who are you" });
  }),
  long: procedure.subscription(async function* () {
    for (const length of [100, 125, 126, 127, 65_400, 65_535, 65_536, 70_000]) {
      yield tracked(String(length), { text: "x".repeat(length) });
    }
  }),
});

export type ConformanceRouter = typeof conformanceRouter;
