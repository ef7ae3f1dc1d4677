import { describe, expect, inject, test } from "vitest";
import { manualClock, type ManualClock } from "../src/clock.ts";
import { SessionCookie } from "../src/http/session-cookie.ts";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { createNaiveSessions } from "./naive/refreshed-sessions.ts";

const url = inject("redisUrl");
const idleMs = 3_600_000;
const absoluteMs = 30 * 86_400_000;

interface Signed {
  readonly token: string;
  readonly cookieMaxAgeMs: number;
  readonly expiresAtMs: number;
}

/** What a program sees of sessions that are kept alive by use. `cookieMaxAgeMs` is null where none is sent. */
interface RefreshedSessions {
  signIn(userId: string): Promise<Signed>;
  visit(token: string): Promise<{ expiresAtMs: number; cookieMaxAgeMs: number | null } | null>;
  signOut(token: string): Promise<unknown>;
}

type Make = (env: TestCore, clock: ManualClock) => RefreshedSessions;

const makers = {
  naive: (env: TestCore, clock: ManualClock) =>
    createNaiveSessions(env.redis.port, env.prefix, clock, idleMs),
  ours: (env: TestCore): RefreshedSessions => {
    const sessions = env.core.sessions<null>({ idle: idleMs, absolute: absoluteMs, touchEvery: "1m" });
    const cookie = new SessionCookie();
    const maxAgeMs = (setCookie: string) => Number(/Max-Age=(\d+)/.exec(setCookie)?.[1]) * 1_000;
    return {
      async signIn(userId) {
        const { token, session } = await sessions.create({ userId, data: null });
        return { token, cookieMaxAgeMs: maxAgeMs(cookie.write(token, session)), ...session };
      },
      async visit(token) {
        const session = await sessions.verify(token);
        return (
          session && {
            expiresAtMs: session.expiresAtMs,
            cookieMaxAgeMs: session.isTouched ? maxAgeMs(cookie.write(token, session)) : null,
          }
        );
      },
      signOut: (token) => sessions.revoke(token),
    };
  },
} satisfies Record<string, Make>;

/** A visit every ten minutes for a day: at each, key, record and the browser's cookie must end at one moment. */
async function agreeAtEveryStep(make: Make): Promise<void> {
  const clock = manualClock();
  await using env = await createTestCore(url, { clock });
  const sessions = make(env, clock);
  const signed = await sessions.signIn("ada");
  let cookieEndsAtMs = clock.nowMs() + signed.cookieMaxAgeMs;
  for (let step = 0; step < 144; step += 1) {
    clock.advance(600_000);
    const seen = await sessions.visit(signed.token);
    const [key = ""] = await env.listKeys();
    const keyLeftMs = Number(await env.redis.port.command("PTTL", [key], []));
    const recordLeftMs = (seen?.expiresAtMs ?? 0) - clock.nowMs();
    if (seen && seen.cookieMaxAgeMs !== null) {
      cookieEndsAtMs = clock.nowMs() + seen.cookieMaxAgeMs;
    }
    expect(Math.abs(recordLeftMs - idleMs), `record at step ${step}`).toBeLessThanOrEqual(60_000);
    expect(Math.abs(keyLeftMs - recordLeftMs), `key at step ${step}`).toBeLessThanOrEqual(1_000);
    expect(Math.abs(cookieEndsAtMs - clock.nowMs() - recordLeftMs), `cookie at step ${step}`).toBeLessThanOrEqual(1_000);
  }
}

/** A tab refreshes while another signs out: whoever is first, the session is over when the sign-out has returned. */
async function endWithTheSignOut(make: Make): Promise<void> {
  const clock = manualClock();
  await using env = await createTestCore(url, { clock });
  await using other = await createTestCore(url, { clock, prefix: env.prefix });
  const [tab, otherTab] = [make(env, clock), make(other, clock)];
  for (let round = 0; round < 50; round += 1) {
    const { token } = await tab.signIn("ada");
    clock.advance(61_000);
    const visits = [tab.visit(token), otherTab.visit(token), tab.visit(token)];
    await otherTab.signOut(token);
    await Promise.all(visits);
    expect(await tab.visit(token), `in round ${round}`).toBeNull();
  }
}

describe("a refreshed session (F7)", () => {
  test("ours: key, record and cookie end together at every step of a day", async () => {
    await expect(agreeAtEveryStep(makers.ours)).resolves.toBeUndefined();
  });

  test("naive: the record and the cookie end while the key lives on", async () => {
    await expect(agreeAtEveryStep(makers.naive)).rejects.toThrow("record at step 0");
  });

  test("ours: a sign-out beside refreshes is final", async () => {
    await expect(endWithTheSignOut(makers.ours)).resolves.toBeUndefined();
  });

  test("naive: a refresh beside a sign-out brings the session back", async () => {
    await expect(endWithTheSignOut(makers.naive)).rejects.toThrow("in round 0");
  });

  test("a thousand visits at odd moments never pass the absolute end, and then it ends", async () => {
    const clock = manualClock();
    await using env = await createTestCore(url, { clock });
    const sessions = makers.ours(env);
    const endsAtMs = clock.nowMs() + absoluteMs;
    const { token } = await sessions.signIn("ada");
    for (let visit = 0; visit < 1_000; visit += 1) {
      const seen = await sessions.visit(token);
      expect(seen !== null, `at visit ${visit}`).toBe(clock.nowMs() < endsAtMs);
      expect(seen?.expiresAtMs ?? 0).toBeLessThanOrEqual(endsAtMs);
      clock.advance(2_000_000 + ((visit * 7_919) % 1_500) * 1_000);
    }
    expect(clock.nowMs()).toBeGreaterThan(endsAtMs);
  });
});
