import { describe, expect, test } from "vitest";
import { createConfig } from "./config.ts";
import { InvalidEnvironment, readEnv } from "./env.ts";

const production = {
  NODE_ENV: "production",
  DATABASE_PATH: "/var/lib/cardinal/cardinal.db",
  REDIS_URL: "rediss://:secret@redis.internal:6380",
  PUBLIC_URL: "https://cardinal.example",
  SMTP_URL: "smtps://user:pass@smtp.example",
  MAIL_FROM: "Cardinal <hello@cardinal.example>",
};

function faultsOf(source: Record<string, string>): readonly string[] {
  try {
    readEnv(source);
    return [];
  } catch (error) {
    if (error instanceof InvalidEnvironment) return error.faults;
    throw error;
  }
}

describe("the worker's environment", () => {
  test("needs nothing in development", () => {
    expect(createConfig(readEnv({}))).toMatchObject({
      environment: "development",
      redis: { url: "redis://127.0.0.1:6399", cacheUrl: "redis://127.0.0.1:6399", keyPrefix: "cardinal" },
      health: { host: "127.0.0.1", port: 3001 },
      publicUrl: "http://localhost:5173",
      mail: { smtpUrl: null, from: { name: "Cardinal", address: "hello@cardinal.test" } },
    });
  });

  test("in production names every default it refuses, at once", () => {
    const faults = faultsOf({ NODE_ENV: "production" });
    for (const name of ["REDIS_URL", "DATABASE_PATH", "PUBLIC_URL", "SMTP_URL", "MAIL_FROM"]) {
      expect(faults).toContainEqual(expect.stringMatching(new RegExp(`^${name}: required in production`)));
    }
    expect(faultsOf(production)).toEqual([]);
  });

  test("names every bad value at once, cross-checks included, and never repeats a password", () => {
    const faults = faultsOf({
      LOG_LEVEL: "loud",
      WORKER_PORT: "70000",
      REDIS_URL: "redis://:hunter2@localhost:6379",
      REDIS_PORT: "6380",
      REDIS_PASSWORD: "other",
      MAIL_FROM: "a@b.example, c@d.example",
      SMTP_URL: "https://smtp.example",
      KEY_PREFIX: "a:{b}",
    });
    expect(faults.map((fault) => fault.split(":")[0] ?? "").toSorted()).toEqual([
      "KEY_PREFIX",
      "LOG_LEVEL",
      "MAIL_FROM",
      "REDIS_PASSWORD",
      "REDIS_PORT",
      "SMTP_URL",
      "WORKER_PORT",
    ]);
    expect(faults.join()).not.toMatch(/hunter2|other/);
  });

  test("takes Redis in parts, and an empty variable as none", () => {
    const env = readEnv({ REDIS_URL: "", REDIS_HOST: "redis.internal", REDIS_PORT: "7000", REDIS_PASSWORD: "p@ss/word" });
    expect(createConfig(env).redis.url).toBe("redis://:p%40ss%2Fword@redis.internal:7000");
  });

  test("refuses Redis over REST and says why", () => {
    expect(faultsOf({ UPSTASH_REDIS_REST_URL: "https://x.upstash.io" })).toEqual([
      expect.stringMatching(/^REDIS_URL: missing; the worker needs Redis over TCP/),
    ]);
  });

  test("keeps mails in the database in production when told so", () => {
    expect(createConfig(readEnv({ ...production, SMTP_URL: "local" })).mail.smtpUrl).toBeNull();
  });
});
