import fc from "fast-check";
import { expect, inject, test } from "vitest";
import { type ManualClock, manualClock } from "../src/clock.ts";
import type { Sessions } from "../src/sessions/index.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { checkProperty } from "./support/check-property.ts";
import { MemorySessionRecords } from "./support/memory-session-records.ts";

const url = inject("redisUrl");
const idleMs = 60_000;
const absoluteMs = 300_000;
const graceMs = 10_000;
const touchEveryMs = 5_000;

interface Modelled {
  readonly userId: string;
  readonly createdAtMs: number;
  readonly id: string;
  current: string;
  previous: string | null;
  previousUntilMs: number;
  seenAtMs: number;
  expiresAtMs: number;
  revoked: boolean;
}

interface World {
  readonly sessions: readonly Sessions<number>[];
  readonly clock: ManualClock;
  readonly known: Modelled[];
  /** Every token ever issued, with its session. */
  readonly tokens: { readonly token: string; readonly of: Modelled }[];
}

type Step =
  | { readonly kind: "create"; readonly user: number }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "wipe" }
  | {
      readonly kind: "verify" | "rotate" | "revoke" | "others" | "all" | "update" | "race";
      readonly pick: number;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("create"), user: fc.nat(1) }),
  fc.record({
    kind: fc.constant("advance"),
    ms: fc.oneof(fc.nat(12_000), fc.constantFrom(60_000, 59_999, 10_000)),
  }),
  { arbitrary: fc.record({ kind: fc.constant("wipe") }), weight: 1 },
  {
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "verify",
        "verify",
        "verify",
        "rotate",
        "revoke",
        "others",
        "all",
        "update",
        "race",
      ),
      pick: fc.nat(1_000),
    }),
    weight: 6,
  },
);

function isLive(session: Modelled, token: string, nowMs: number): boolean {
  const known = token === session.current || (token === session.previous && nowMs < session.previousUntilMs);
  return known && !session.revoked && nowMs < session.expiresAtMs;
}

function touch(session: Modelled, nowMs: number): void {
  session.seenAtMs = nowMs;
  session.expiresAtMs = Math.max(
    session.expiresAtMs,
    Math.min(nowMs + idleMs, session.createdAtMs + absoluteMs),
  );
}

async function take(world: World, env: TestCore, { kind, ...rest }: Step, turn: number): Promise<void> {
  const { clock, known, tokens } = world;
  const sessions = world.sessions[turn % world.sessions.length] ?? world.sessions[0];
  const picked = "pick" in rest ? tokens[rest.pick % Math.max(1, tokens.length)] : undefined;
  const nowMs = clock.nowMs();
  if (!sessions) {
    return;
  }
  if (kind === "create" && "user" in rest) {
    const userId = `user-${rest.user}`;
    const { token, session } = await sessions.create({ userId, data: 0 });
    expect(session.expiresAtMs).toBe(nowMs + idleMs);
    const times = { createdAtMs: nowMs, seenAtMs: nowMs, expiresAtMs: nowMs + idleMs };
    const of = {
      userId,
      id: session.id,
      ...times,
      current: token,
      previous: null,
      previousUntilMs: 0,
      revoked: false,
    };
    known.push(of);
    tokens.push({ token, of });
  } else if (kind === "advance" && "ms" in rest) {
    clock.advance(rest.ms);
  } else if (kind === "wipe" && world.sessions.length > 1) {
    for (const key of await env.listKeys()) {
      await env.redis.port.command("DEL", [key], []);
    }
  } else if (picked) {
    const { token, of } = picked;
    const live = isLive(of, token, nowMs);
    const family = known.filter(
      ({ userId, revoked, expiresAtMs }) => userId === of.userId && !revoked && nowMs < expiresAtMs,
    );
    if (kind === "verify") {
      const seen = await sessions.verify(token);
      expect(seen !== null).toBe(live);
      const isTouched = live && nowMs - of.seenAtMs >= touchEveryMs;
      if (isTouched) {
        touch(of, nowMs);
      }
      expect(seen?.isTouched ?? false).toBe(isTouched);
      expect(seen?.expiresAtMs ?? of.expiresAtMs).toBe(of.expiresAtMs);
      expect(of.expiresAtMs).toBeLessThanOrEqual(of.createdAtMs + absoluteMs);
    } else if (kind === "rotate") {
      const rotated = await sessions.rotate(token);
      expect(rotated !== null).toBe(live && token === of.current);
      if (rotated) {
        touch(of, nowMs);
        Object.assign(of, { previous: of.current, previousUntilMs: nowMs + graceMs, current: rotated.token });
        tokens.push({ token: rotated.token, of });
      }
    } else if (kind === "revoke") {
      expect(await sessions.revoke(token)).toBe(live);
      of.revoked ||= live;
    } else if (kind === "others") {
      expect(await sessions.revokeOthers(token)).toBe(live ? family.length - 1 : 0);
      family.filter((each) => live && each !== of).forEach((each) => (each.revoked = true));
    } else if (kind === "all") {
      expect(await sessions.revokeAll(of.userId)).toBe(family.length);
      family.forEach((each) => (each.revoked = true));
    } else if (kind === "update") {
      expect((await sessions.update(token, (count) => count + 1)) !== null).toBe(live);
    } else {
      await race(world, token);
      of.revoked ||= live;
    }
    expect((await sessions.list(of.userId)).map(({ id }) => id).toSorted()).toEqual(
      known
        .filter((each) => each.userId === of.userId && !each.revoked && nowMs < each.expiresAtMs)
        .map(({ id }) => id)
        .toSorted(),
    );
  }
}

/** Everything at once with a revocation: whatever it did, nothing that starts later finds the session. */
async function race({ sessions, tokens }: World, token: string): Promise<void> {
  const rotated = await Promise.all([
    ...sessions.flatMap((each) => [each.verify(token), each.update(token, (count) => count + 1)]),
    ...sessions.map((each) => each.rotate(token)),
    sessions[0]?.revoke(token),
    ...sessions.map((each) => each.verify(token)),
  ]);
  const winners = rotated.filter(
    (outcome) => typeof outcome === "object" && outcome !== null && "token" in outcome,
  );
  expect(winners.length).toBeLessThanOrEqual(1);
  for (const each of sessions) {
    expect(await each.verify(token)).toBeNull();
    for (const winner of winners) {
      expect(await each.verify(winner.token)).toBeNull();
    }
  }
  expect(tokens.length).toBeGreaterThan(0);
}

test.each(["in Redis", "with a record"])(
  "sessions %s behave as the model, expiries included",
  async (where) => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const clock = manualClock();
      await using env = await createTestCore(url, { clock });
      const base = {
        idle: idleMs,
        absolute: absoluteMs,
        rotationGrace: graceMs,
        touchEvery: touchEveryMs,
        maxPerUser: 100,
      };
      const records = new MemorySessionRecords<number>();
      const make = () => env.core.sessions<number>(where === "in Redis" ? base : { ...base, records });
      const sessions = where === "in Redis" ? [make()] : [make(), make()];
      const world: World = { sessions, clock, known: [], tokens: [] };
      for (const [turn, each] of steps.entries()) {
        await take(world, env, each, turn);
      }
      expect(await env.listPermanentKeys()).toEqual([]);
    });
    await checkProperty(`sessions ${where} behave as the model`, property, { runs: 40 });
  },
  60_000,
);
