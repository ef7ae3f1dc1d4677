import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createTestCore, type TestCore } from "../src/testing/index.ts";
import { checkProperty } from "./support/check-property.ts";
import type { SessionAct, SessionEvent, SessionStep, SessionTask } from "./support/session-worker.ts";
import { startWorkers, type Workers } from "./support/start-workers.ts";

const url = inject("redisUrl");
const processCount = 3;
const sessionCount = 6;
const options = { idle: "1h", absolute: "2h", touchEvery: 1, maxPerUser: 100 } as const;
const absoluteMs = 7_200_000;

const use: fc.Arbitrary<SessionStep> = fc.record({
  act: fc.constantFrom<SessionAct>("verify", "verify", "update", "update", "rotate"),
  pick: fc.nat(sessionCount - 1),
});
/** Half of the sessions may be revoked one by one; the others live to the end of a calm script. */
const revoke: fc.Arbitrary<SessionStep> = fc.record({
  act: fc.constant<SessionAct>("revoke"),
  pick: fc.nat(sessionCount / 2 - 1),
});
const revokeMany: fc.Arbitrary<SessionStep> = fc.record({
  act: fc.constantFrom<SessionAct>("revokeOthers", "revokeAll"),
  pick: fc.nat(sessionCount - 1),
});
const toWeighted = (arbitrary: fc.Arbitrary<SessionStep>, weight: number) => ({ arbitrary, weight });
const calm = fc.oneof(toWeighted(use, 20), toWeighted(revoke, 1));
const stormy = fc.oneof(toWeighted(use, 20), toWeighted(revoke, 1), toWeighted(revokeMany, 1));

const scripts = fc.boolean().chain((isCalm) =>
  fc.record({
    perProcess: fc.array(fc.array(isCalm ? calm : stormy, { minLength: 20, maxLength: 60 }), {
      minLength: processCount,
      maxLength: processCount,
    }),
    rotationGraceMs: fc.constantFrom(0, 60_000),
  }),
);

/** The moment from which on a session is dead for certain: the first revocation that returned and covered it. */
function deadSince(events: readonly SessionEvent[], pick: number): bigint | null {
  const ends = events
    .filter(
      ({ act, pick: target, done }) =>
        act === "revokeAll" || (done && act === (target === pick ? "revoke" : "revokeOthers")),
    )
    .map(({ endNs }) => endNs);
  return ends.length === 0 ? null : ends.reduce((a, b) => (a < b ? a : b));
}

function check(events: readonly SessionEvent[], createdAtMs: number, rotationGraceMs: number): void {
  for (let pick = 0; pick < sessionCount; pick += 1) {
    const mine = events.filter((event) => event.pick === pick && event.act !== "revokeAll");
    const dead = deadSince(events, pick);
    for (const event of mine) {
      const isLate = dead !== null && event.startNs > dead;
      expect(isLate && event.done, `${event.act} of session ${pick} after its revocation`).toBe(false);
      expect(event.expiresAtMs).toBeLessThanOrEqual(createdAtMs + absoluteMs);
    }
    const won = mine.filter(({ newToken }) => newToken !== null);
    expect(new Set(won.map(({ token }) => token)).size, `one winner a token of session ${pick}`).toBe(won.length);
    for (const { token, endNs } of won) {
      const uses = mine.filter((event) => event.token === token && event.startNs > endNs && event.done);
      expect(uses.map(({ act }) => act).includes("rotate"), "a rotated token is not rotated again").toBe(false);
      if (rotationGraceMs === 0) {
        expect(uses, "without grace the old token is dead").toEqual([]);
      }
    }
  }
}

describe("three processes", () => {
  let env: TestCore;
  let workers: Workers;

  beforeAll(async () => {
    env = await createTestCore(url);
    workers = await startWorkers("session-worker.ts", processCount, url, env.prefix);
  });

  afterAll(async () => {
    await workers[Symbol.asyncDispose]();
    await env[Symbol.asyncDispose]();
  });

  test("verify, update, rotate and revoke at once: what was revoked is dead, of rotations one wins (C5)", async () => {
    let round = 0;
    const property = fc.asyncProperty(scripts, async ({ perProcess, rotationGraceMs }) => {
      round += 1;
      const userId = `user-${round}`;
      const sessions = env.core.sessions<{ count: number }>({ ...options, rotationGrace: rotationGraceMs });
      const issued = await Promise.all(
        Array.from({ length: sessionCount }, () => sessions.create({ userId, data: { count: 0 } })),
      );
      const tokens = issued.map(({ token }) => token);
      const createdAtMs = Math.max(...issued.map(({ session }) => session.createdAtMs));
      const results = await Promise.all(
        workers.all.map((worker, index) => {
          const task: SessionTask = { userId, tokens, steps: perProcess[index] ?? [], rotationGraceMs };
          return worker.ask<SessionEvent[]>(task);
        }),
      );
      const events = results.flat();
      check(events, createdAtMs, rotationGraceMs);
      await checkTheEnd(events, issued, userId, env);
    });
    await checkProperty("C5 sessions of several processes", property, { runs: 12 });
    expect(await env.listPermanentKeys()).toEqual([]);
  });
});

/** When all is quiet: no session has two families, none lost an update, and a sign-out of all leaves nothing. */
async function checkTheEnd(
  events: readonly SessionEvent[],
  issued: readonly { readonly token: string; readonly session: { readonly id: string } }[],
  userId: string,
  { core, listKeys }: TestCore,
): Promise<void> {
  const sessions = core.sessions<{ count: number }>({ ...options, rotationGrace: 0 });
  const live = await sessions.list(userId);
  for (const [pick, { token: first, session }] of issued.entries()) {
    const found = live.find(({ id }) => id === session.id);
    const mine = events.filter((event) => event.pick === pick);
    const updates = mine.filter(({ act, done }) => act === "update" && done).length;
    expect(found?.data.count ?? updates, `updates of session ${pick}`).toBe(updates);
    const tokens = new Set([first, ...mine.map(({ newToken }) => newToken ?? first)]);
    const rotatable = await Promise.all([...tokens].map((token) => sessions.rotate(token)));
    expect(rotatable.filter((outcome) => outcome !== null)).toHaveLength(found ? 1 : 0);
  }
  await sessions.revokeAll(userId);
  expect(await sessions.list(userId)).toEqual([]);
  expect((await listKeys()).filter((key) => key.endsWith(`{${userId}}`))).toEqual([]);
}
