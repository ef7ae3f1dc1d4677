import { describe, expect, it } from "vitest";
import { Misuse } from "../errors.ts";
import { describeTarget, parseRedisUrl } from "./redis-target.ts";

describe("parseRedisUrl", () => {
  it.each([
    ["redis://localhost", { kind: "node", address: { host: "localhost", port: 6379 }, database: 0, tls: false }],
    ["redis://localhost:6380/3", { kind: "node", address: { host: "localhost", port: 6380 }, database: 3 }],
    ["rediss://[::1]:6380", { kind: "node", address: { host: "::1", port: 6380 }, tls: true }],
    ["redis://:s%40cret@h", { kind: "node", password: "s@cret" }],
    ["redis://app:p%3Aw@h", { kind: "node", username: "app", password: "p:w" }],
    ["redis://h?family=4", { kind: "node", address: { host: "h", port: 6379 } }],
    [
      "redis+sentinel://:pw@s1:26380,s2/mymaster",
      {
        kind: "sentinel",
        master: "mymaster",
        password: "pw",
        sentinels: [
          { host: "s1", port: 26380 },
          { host: "s2", port: 26379 },
        ],
      },
    ],
    ["rediss+cluster://n1:7000", { kind: "cluster", tls: true, nodes: [{ host: "n1", port: 7000 }] }],
    ["redis://n1:7000,n2:7001", { kind: "cluster" }],
  ])("reads %s", (url, target) => {
    expect(parseRedisUrl(url)).toMatchObject(target);
  });

  it.each([
    "localhost:6379",
    "http://localhost",
    "redis://",
    "redis://host:99999",
    "redis://host:0",
    "redis://host/name",
    "redis+sentinel://host:26379",
    "redis://%zz@host",
    "redis://a b",
    "redis://a,,b",
  ])("refuses %s", (url) => {
    expect(() => parseRedisUrl(url)).toThrow(Misuse);
  });

  it("never repeats a password, in an error or in a description", () => {
    const faulty = ["redis://:hunter2@host:99999", "redis://u:hunter2@host/name", "redis+sentinel://:hunter2@h"];
    for (const url of faulty) {
      expect(() => parseRedisUrl(url)).toThrow(/^(?!.*hunter2)/s);
    }
    for (const url of [
      "redis://user:hunter2@host:1/2",
      "rediss+sentinel://user:hunter2@host/main",
      "redis+cluster://:hunter2@host,other",
    ]) {
      const description = describeTarget(parseRedisUrl(url));
      expect(description).not.toContain("hunter2");
      expect(description).not.toContain("user");
      expect(parseRedisUrl(description).kind).toBe(parseRedisUrl(url).kind);
    }
  });
});
