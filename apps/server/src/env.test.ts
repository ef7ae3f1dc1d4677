import { describe, expect, it } from "vitest";
import { toConfig } from "./config.ts";
import { InvalidEnvironment, readEnv } from "./env.ts";

const production = {
  NODE_ENV: "production",
  PUBLIC_URL: "https://cardinal.example",
  DATABASE_PATH: "/var/lib/cardinal.db",
  REDIS_URL: "redis://redis:6379",
};

function faultsOf(source: Record<string, string>): readonly string[] {
  try {
    readEnv(source);
  } catch (error) {
    if (error instanceof InvalidEnvironment) {
      return error.faults;
    }
    throw error;
  }
  return [];
}

describe("the server's environment", () => {
  it("needs nothing in development", () => {
    const config = toConfig(readEnv({}), "1.0.0");
    expect(config.listen).toEqual({ host: "127.0.0.1", port: 3000, isShared: false });
    expect(config.redis.state).toMatchObject({ kind: "node", address: { host: "127.0.0.1", port: 6399 } });
    expect(config.databasePath).toMatch(/\/\.data\/cardinal\.db$/);
    expect(config.api.hasDemoLogins).toBe(true);
    expect(config.api.allowedOrigins).toContain("http://localhost:5173");
  });

  it("refuses every development default in production, all at once", () => {
    const faults = faultsOf({ NODE_ENV: "production", DEMO_LOGIN: "true" }).map(
      (fault) => fault.split(":")[0],
    );
    expect(faults).toEqual(["REDIS_URL", "DATABASE_PATH", "PUBLIC_URL", "DEMO_LOGIN"]);
  });

  it("names every bad value at once and repeats none of them", () => {
    const faults = faultsOf({ SERVER_PORT: "70000", REDIS_URL: "redis://:hunter2@", LOG_LEVEL: "loud" });
    expect(faults.map((fault) => fault.split(":")[0])).toEqual(["SERVER_PORT", "REDIS_URL", "LOG_LEVEL"]);
    expect(faults.join()).not.toContain("hunter2");
  });

  it("takes REDIS_HOST, REDIS_PORT and REDIS_PASSWORD in the place of REDIS_URL", () => {
    const { REDIS_URL: _unset, ...rest } = production;
    const env = readEnv({ ...rest, REDIS_HOST: "redis", REDIS_PASSWORD: "a secret" });
    expect(toConfig(env, "1").redis.state).toMatchObject({
      address: { host: "redis", port: 6379 },
      password: "a secret",
    });
  });

  it("refuses parts that disagree with REDIS_URL, and accepts those that agree", () => {
    expect(faultsOf({ REDIS_URL: "redis://a:6379", REDIS_HOST: "b", REDIS_PORT: "6380" })).toHaveLength(2);
    expect(faultsOf({ REDIS_URL: "redis://a:6379", REDIS_HOST: "a", REDIS_PORT: "6379" })).toEqual([]);
  });

  it("says why a REST address is not enough", () => {
    expect(faultsOf({ UPSTASH_REDIS_REST_URL: "https://x.upstash.io" }).join()).toContain("cannot subscribe");
  });

  it("wants https where the world comes in, and allows http on this machine", () => {
    expect(faultsOf({ ...production, PUBLIC_URL: "http://cardinal.example" })).toHaveLength(1);
    expect(faultsOf({ ...production, PUBLIC_URL: "http://127.0.0.1:3000" })).toEqual([]);
  });

  it("lets only the public origin send cookies in production", () => {
    const { api } = toConfig(readEnv(production), "1");
    expect(api).toMatchObject({
      allowedOrigins: ["https://cardinal.example"],
      isSecure: true,
      hasDemoLogins: false,
      trustedProxyHops: 0,
    });
  });

  it("counts an empty variable as not set", () => {
    expect(faultsOf({ REDIS_URL: "", SERVER_PORT: "" })).toEqual([]);
  });
});
