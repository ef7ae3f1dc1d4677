import { Writable } from "node:stream";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, inject, it } from "vitest";
import { logOptions } from "../src/create-log.ts";
import { createTestServer, type TestServer } from "./support/create-test-server.ts";

let test: TestServer;
const lines: string[] = [];

beforeAll(async () => {
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  test = await createTestServer({
    redisUrl: inject("redisUrl"),
    overrides: { log: pino(logOptions("debug"), sink) },
  });
});
afterAll(() => test[Symbol.asyncDispose]());
beforeEach(() => void lines.splice(0));

/** What a request wrote, once its own line is there, which is the last. */
async function linesOf(path: string): Promise<string[]> {
  await test.newClient().fetch(path);
  const parsed = () =>
    lines.map((line) => JSON.parse(line) as { level: string; msg: string; req?: { path: string } });
  await expect.poll(() => parsed().map(({ req }) => req?.path)).toContain(path.split("?")[0]);
  return parsed().map(({ level, msg }) => `${level} ${msg}`);
}

it("is one line for a call, the procedure's, whether it succeeded or not", async () => {
  expect(await linesOf("/api/trpc/auth.me")).toEqual(["info procedure", "debug request"]);
  expect(await linesOf("/api/trpc/room.list")).toContain("info procedure refused");
  expect(lines.filter((line) => line.includes('"info"'))).toHaveLength(2);
});

it("is the request's own where no procedure was reached", async () => {
  expect(await linesOf("/api/trpc/no.such")).toEqual(["info request"]);
  expect(await linesOf("/nothing/here")).toContain("info request");
});

it("is silent about probes, above debug", async () => {
  expect(await linesOf("/health/ready")).toEqual(["debug request"]);
  expect(await linesOf("/metrics")).not.toContain("info request");
});
