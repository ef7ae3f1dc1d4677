import { expect, test } from "vitest";
import { readDevSettings, redactUrl } from "./dev-settings.ts";

test("needs nothing of the environment", () => {
  const settings = readDevSettings({});
  expect([settings.web.port, settings.server.port, settings.worker.port]).toEqual([5173, 3000, 3001]);
  expect(settings.redis).toMatchObject({ kind: "own", url: "redis://127.0.0.1:6399" });
  expect(settings.databasePath).toMatch(/\.data\/cardinal\.db$/);
});

test("runs its own Redis on REDIS_PORT, and uses the one of REDIS_URL or REDIS_HOST", () => {
  expect(readDevSettings({ REDIS_PORT: "7000" }).redis.url).toBe("redis://127.0.0.1:7000");
  expect(readDevSettings({ REDIS_URL: "rediss://a:b@c:1" }).redis).toMatchObject({ kind: "external" });
  const byHost = readDevSettings({ REDIS_HOST: "redis.local", REDIS_PASSWORD: "p@ss" }).redis;
  expect(byHost).toMatchObject({
    kind: "external",
    url: "redis://:p%40ss@redis.local:6379",
    variable: "REDIS_HOST",
  });
});

test("takes an empty variable for one that is not set, and PORT for SERVER_PORT", () => {
  const settings = readDevSettings({ REDIS_URL: "", WEB_PORT: "", PORT: "8080" });
  expect(settings.redis.kind).toBe("own");
  expect(settings.server).toMatchObject({ port: 8080, variable: "PORT" });
});

test("names every fault at once", () => {
  const read = () => readDevSettings({ WEB_PORT: "web", SERVER_PORT: "3001", REDIS_URL: "localhost:6379" });
  expect(read).toThrow(/WEB_PORT=web is not a port/);
  expect(read).toThrow(/SERVER_PORT and WORKER_PORT are both 3001/);
  expect(read).toThrow(/REDIS_URL=localhost:6379 is not of the form/);
});

test("hides passwords", () => {
  expect(redactUrl("redis://user:secret@host:1/2")).toBe("redis://user:***@host:1/2");
  expect(redactUrl("redis://:secret@host")).toBe("redis://:***@host");
  expect(redactUrl("redis://host")).toBe("redis://host");
});
