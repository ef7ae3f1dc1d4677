import type { LiveTransport } from "@cardinal/client";
import fc from "fast-check";
import type { Change } from "./writer.ts";

/** One thing that happens. What is named by a number is taken modulo how many there are. */
export type Step =
  /** `times` changes at once, each by the next member through the next server. */
  | ({ readonly do: "write"; readonly times: number } & Change)
  /** Messages on their way to a server meet these fates in turn. */
  | { readonly do: "deliver"; readonly server: number; readonly fates: readonly ("pass" | "lose" | "twice" | "late")[] }
  /** Doorbells of a server; a lost one never rang, as when the process dies between COMMIT and PUBLISH. */
  | { readonly do: "publish"; readonly server: number; readonly fates: readonly ("pass" | "lose")[] }
  /** Kill -9 when its next doorbell is about to ring. */
  | { readonly do: "killAtPublish"; readonly server: number }
  | { readonly do: "killServer" | "freezeServer" | "stallRedis"; readonly server: number; readonly ms: number }
  | { readonly do: "drainServer" | "cutRedis"; readonly server: number }
  /** Kill -9, then empty again after so long. */
  | { readonly do: "restartRedis"; readonly ms: number }
  | { readonly do: "cutReader" | "switchTransport" | "leave" | "comeBack"; readonly reader: number }
  /** Stops reading for so long. */
  | { readonly do: "stallReader"; readonly reader: number; readonly ms: number }
  /** Many messages in one transaction, without a doorbell: past the ring, or past what a slow socket takes. */
  | { readonly do: "flood"; readonly count: number; readonly characters: number }
  /** Drops the older part of the log. */
  | { readonly do: "trim"; readonly keepLast: number }
  | { readonly do: "wait"; readonly ms: number };

export interface Plan {
  readonly readers: readonly { readonly member: number; readonly transport: LiveTransport }[];
  readonly steps: readonly Step[];
}

const server = fc.nat(2);
const reader = fc.nat(5);
const ms = (min: number, max: number) => fc.integer({ min, max });

const write: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("write"),
  kind: fc.constantFrom("send", "send", "send", "edit", "react", "remove", "pin"),
  member: fc.nat(5),
  server,
  of: fc.nat(40),
  times: ms(1, 6),
});
const deliver: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("deliver"),
  server,
  fates: fc.array(fc.constantFrom("pass", "lose", "twice", "late"), { minLength: 1, maxLength: 6 }),
});
const publish: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("publish"),
  server,
  fates: fc.array(fc.constantFrom("pass", "lose"), { minLength: 1, maxLength: 4 }),
});
const toReader: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom("cutReader", "cutReader", "switchTransport", "leave", "comeBack", "comeBack"),
  reader,
});
const stallReader: fc.Arbitrary<Step> = fc.record({ do: fc.constant("stallReader"), reader, ms: ms(50, 800) });
const toRedis: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cutRedis"), server }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("stallRedis"), server, ms: ms(50, 900) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restartRedis"), ms: ms(0, 400) }) },
);
const toServer: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("killServer"), server, ms: ms(0, 300) }),
  fc.record({ do: fc.constant("freezeServer"), server, ms: ms(50, 900) }),
  fc.record({ do: fc.constantFrom("killAtPublish", "drainServer"), server }),
);
const flood: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("flood"),
  count: fc.constantFrom(190, 190, 260, 260, 450, 450, 5_300),
  characters: fc.constantFrom(10, 10, 4_000),
});
const trim: fc.Arbitrary<Step> = fc.record({ do: fc.constant("trim"), keepLast: fc.nat(30) });
const wait: fc.Arbitrary<Step> = fc.record({ do: fc.constant("wait"), ms: ms(1, 150) });

const step = fc.oneof(
  { weight: 18, arbitrary: write },
  { weight: 4, arbitrary: deliver },
  { weight: 3, arbitrary: publish },
  { weight: 9, arbitrary: toReader },
  { weight: 3, arbitrary: stallReader },
  { weight: 4, arbitrary: toRedis },
  { weight: 3, arbitrary: toServer },
  { weight: 1, arbitrary: flood },
  { weight: 2, arbitrary: trim },
  { weight: 12, arbitrary: wait },
);

/** What may happen to one room within a few seconds. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  readers: fc.array(
    fc.record({ member: fc.nat(5), transport: fc.constantFrom<LiveTransport[]>("websocket", "sse") }),
    { minLength: 3, maxLength: 6 },
  ),
  steps: fc.array(step, { minLength: 10, maxLength: 45, size: "max" }),
});

/** The plan of a seed: always the same. */
export function planOf(seed: number): Plan {
  const [plan] = fc.sample(plans, { seed, numRuns: 1 });
  if (!plan) throw new TypeError("a seed without a plan");
  return plan;
}
