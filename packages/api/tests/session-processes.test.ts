import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningRedis, startRedis } from "@cardinal/dev";
import { type Database, migrate, openDatabase, userQueries } from "@cardinal/db";
import { createTestCore, type TestCore } from "@cardinal/redis-core/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SessionData } from "../src/deps/app-deps.ts";
import { createSessionRecordStore } from "../src/deps/session-record-store.ts";
import type { SessionEvent, SessionStep, SessionTask } from "./support/session-process.ts";

const sessionCount = 5;
let redis: RunningRedis;
let env: TestCore;
let folder: string;
let db: Database;
let processes: ChildProcess[];

async function startProcess(): Promise<ChildProcess> {
  const file = join(import.meta.dirname, "support/session-process.ts");
  const args = [redis.url, env.prefix, join(folder, "test.db")];
  const started = fork(file, args, { execArgv: [], serialization: "advanced" });
  await once(started, "message");
  return started;
}

beforeAll(async () => {
  redis = await startRedis();
  env = await createTestCore(redis.url);
  folder = await mkdtemp(join(tmpdir(), "cardinal-sessions-"));
  await migrate(join(folder, "test.db"));
  db = openDatabase({ path: join(folder, "test.db") });
  processes = await Promise.all([startProcess(), startProcess(), startProcess()]);
});

afterAll(async () => {
  await Promise.all(processes.map(kill));
  await env[Symbol.asyncDispose]();
  await db.close();
  await rm(folder, { recursive: true });
  await redis.stop();
});

async function kill(started: ChildProcess): Promise<void> {
  if (started.exitCode === null && started.signalCode === null) {
    const exited = once(started, "exit");
    started.kill("SIGKILL");
    await exited;
  }
}

async function ask(started: ChildProcess, task: SessionTask): Promise<SessionEvent[]> {
  const answered = once(started, "message");
  started.send(task);
  const [events] = (await answered) as [SessionEvent[]];
  return events;
}

function openSessions() {
  const records = createSessionRecordStore(db, Date.now);
  const options = { idle: "1h", absolute: "2h", rotationGrace: 0, onUnavailable: "record", records } as const;
  return { records, sessions: env.core.sessions<SessionData>(options) };
}

async function addMember(username: string): Promise<string> {
  const account = { username, displayName: username, email: `${username}@example.test`, passwordHash: "none" };
  return (await db.write((tx) => userQueries.create(tx, { ...account, nowMs: Date.now() }))).id;
}

const step: fc.Arbitrary<SessionStep> = fc.record({
  act: fc.oneof(
    {
      arbitrary: fc.constantFrom<SessionStep["act"]>("verify", "verify", "verify", "update", "rotate", "forget"),
      weight: 14,
    },
    { arbitrary: fc.constant<SessionStep["act"]>("revoke"), weight: 1 },
  ),
  pick: fc.nat(sessionCount - 1),
});
const scripts = fc.array(fc.array(step, { minLength: 9, maxLength: 24 }), { minLength: 3, maxLength: 3 });

test("three processes over one database: what was revoked is dead, whatever is restored meanwhile (C5)", async () => {
  const { records, sessions } = openSessions();
  let round = 0;
  const property = fc.asyncProperty(scripts, async (steps) => {
    round += 1;
    const userId = await addMember(`member-${round}`);
    const issued = [];
    for (let index = 0; index < sessionCount; index += 1) {
      issued.push(await sessions.create({ userId, data: { via: "password" } }));
    }
    const tokens = issued.map(({ token }) => token);
    const results = processes.map((each, index) => ask(each, { userId, tokens, steps: steps[index] ?? [] }));
    const events = (await Promise.all(results)).flat();
    for (const { act, done, endNs, pick } of events) {
      const late = events.filter(
        (event) => act === "revoke" && done && event.pick === pick && event.startNs > endNs && event.done,
      );
      expect(late, `of session ${pick} after its revocation`).toEqual([]);
    }
    const won = events.filter(({ newToken }) => newToken !== null);
    expect(new Set(won.map(({ token }) => token)).size).toBe(won.length);
    await checkAgainstRecord(userId, [...tokens, ...won.map(({ newToken }) => newToken ?? "")]);
    expect(await records.pending()).toEqual([]);
  });
  await fc.assert(property, { numRuns: 4 });
}, 60_000);

/** Each live session of the record has exactly one token that works, and Redis agrees once it answers. */
async function checkAgainstRecord(userId: string, tokens: readonly string[]): Promise<void> {
  const { sessions } = openSessions();
  const live = (await sessions.list(userId)).map(({ id }) => id).toSorted((a, b) => a.localeCompare(b));
  for (const source of ["record", "redis"]) {
    const seen = (await Promise.all(tokens.map((token) => sessions.verify(token)))).filter((each) => each !== null);
    expect(seen.map(({ id }) => id).toSorted((a, b) => a.localeCompare(b)), `by ${source}`).toEqual(live);
  }
}

test("a process killed while it revokes leaves nothing half done: what the record revoked is dead", async () => {
  const { records, sessions } = openSessions();
  for (let round = 0; round < 2; round += 1) {
    const userId = await addMember(`killed-${round}`);
    const issued = [];
    for (let index = 0; index < sessionCount; index += 1) {
      issued.push(await sessions.create({ userId, data: { via: "password" } }));
    }
    const tokens = issued.map(({ token }) => token);
    // Other processes have them in Redis, and keep putting them back.
    await Promise.all(tokens.map((token) => sessions.verify(token)));
    const doomed = processes[0] ?? (await startProcess());
    const steps: SessionStep[] = tokens.flatMap((_, pick) => [
      { act: "rotate", pick },
      { act: "revoke", pick },
    ]);
    doomed.send({ userId, tokens, steps } satisfies SessionTask);
    const busy = tokens.map((_, pick): SessionStep => ({ act: "verify", pick }));
    await ask(processes[1] ?? doomed, { userId, tokens, steps: busy });
    await kill(doomed);
    const live = new Set((await sessions.list(userId)).map(({ id }) => id));
    for (const { token, session } of issued) {
      const seen = await sessions.verify(token);
      expect(seen === null || live.has(session.id)).toBe(true);
    }
    // Whoever asks for the member next carries out what the killed one could not tell Redis.
    await expect
      .poll(
        async () => {
          await sessions.verify(tokens[0] ?? "");
          return await records.pending(userId);
        },
        { timeout: 20_000, interval: 20 },
      )
      .toEqual([]);
    expect(await sessions.revokeAll(userId)).toBe(live.size);
    expect(await Promise.all(tokens.map((token) => sessions.verify(token)))).toEqual(tokens.map(() => null));
    processes[0] = await startProcess();
  }
}, 60_000);
