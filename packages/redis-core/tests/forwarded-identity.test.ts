import { describe, expect, inject, it } from "vitest";
import { clientAddress } from "../src/http/index.ts";
import { fixedWindow } from "../src/rate-limit/index.ts";
import { createTestCore } from "../src/testing/index.ts";
import { forwardedIdentity } from "./naive/forwarded-identity.ts";

const url = inject("redisUrl");
const limit = 5;
const requests = 20;
const numbers = Array.from({ length: requests }, (_, index) => index);

/** Whom a request is counted for. */
type Identify = (peer: string, forwardedFor: string | undefined) => string;

interface Request {
  readonly peer: string;
  readonly forwardedFor?: string;
}

/** As one proxy of ours hands a request on: it appends the address it saw to what the caller wrote. */
function throughProxy(address: string, written?: string): Request {
  return { peer: "10.0.0.1", forwardedFor: written === undefined ? address : `${written}, ${address}` };
}

/** How many of the requests a limit lets pass that counts them so, and how many keys it takes for them. */
async function pass(identify: Identify, sent: readonly Request[]): Promise<{ passed: number; keys: number }> {
  await using test = await createTestCore(url);
  const limiter = test.core.limiter("api", { address: fixedWindow(limit, "366d") });
  let passed = 0;
  for (const { peer, forwardedFor } of sent) {
    passed += (await limiter.limit({ address: identify(peer, forwardedFor) })).allowed ? 1 : 0;
  }
  return { passed, keys: (await test.listKeys()).length };
}

const ours: Identify = (peer, forwardedFor) => clientAddress(peer, forwardedFor, { hops: 1 });

/** What the one that is counted for whom the header names lets pass, and ours. */
const bodies = [
  {
    what: "a caller who writes another header each time is one caller, in one key",
    sent: numbers.map((number) => throughProxy("203.0.113.9", `198.51.100.${number}`)),
    naive: { passed: requests, keys: requests },
    right: { passed: limit, keys: 1 },
  },
  {
    what: "callers without the header each have a limit of their own",
    sent: numbers.map((number) => ({ peer: `198.51.100.${number % (requests / limit)}` })),
    naive: { passed: limit, keys: 1 },
    right: { passed: requests, keys: requests / limit },
  },
  {
    what: "an IPv4 address within IPv6 is the same caller",
    sent: numbers.map((number) => throughProxy(number % 2 === 0 ? "203.0.113.9" : "::ffff:203.0.113.9")),
    naive: { passed: 2 * limit, keys: 2 },
    right: { passed: limit, keys: 1 },
  },
  {
    what: "the addresses of one IPv6 /64 are one caller, those of another are another",
    sent: [
      ...numbers.map((number) => throughProxy(`2001:db8:1:2::${number.toString(16)}`)),
      throughProxy("2001:db8:1:3::1"),
    ],
    naive: { passed: requests + 1, keys: requests + 1 },
    right: { passed: limit + 1, keys: 2 },
  },
];

describe.each(bodies)("whom a limit by address counts (F8): $what", ({ sent, naive, right }) => {
  it.each([
    { kind: "naive", identify: forwardedIdentity, figures: naive },
    { kind: "ours", identify: ours, figures: right },
  ])("$kind: $figures", async ({ identify, figures }) => {
    expect(await pass(identify, sent)).toEqual(figures);
  });
});
