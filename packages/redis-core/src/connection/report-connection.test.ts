import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { noTelemetry } from "../telemetry.ts";
import { reportConnection } from "./report-connection.ts";

function createReported() {
  const client = new EventEmitter();
  const lines: { level: string; event: string; fields: Record<string, unknown> }[] = [];
  const counts = new Map<string, number>();
  let nowMs = 0;
  reportConnection(client, {
    telemetry: {
      ...noTelemetry,
      count: (_metric, labels = {}) =>
        void counts.set(labels["event"] ?? "", (counts.get(labels["event"] ?? "") ?? 0) + 1),
      log: (level, event, fields = {}) => void lines.push({ level, event, fields: { ...fields } }),
    },
    labels: { role: "state", purpose: "commands" },
    address: "127.0.0.1:6379",
    elapsedMs: () => nowMs,
  });
  return {
    client,
    lines,
    counts,
    advance: (ms: number) => (nowMs += ms),
    failOnce(reason: string) {
      client.emit("error", new Error(reason));
      client.emit("close");
      client.emit("reconnecting", 500);
    },
  };
}

test("a run of failing attempts is one line, then one every 10 s, then one when it is over", () => {
  const { client, lines, counts, advance, failOnce } = createReported();
  client.emit("connect");
  client.emit("ready");
  for (let attempt = 0; attempt < 50; attempt++) {
    failOnce("connect ECONNREFUSED");
    advance(500);
  }
  client.emit("connect");
  client.emit("ready");

  expect(lines.map(({ level, event }) => [level, event])).toEqual([
    ["info", "redis ready"],
    ["warn", "redis lost"],
    ["error", "redis still away"],
    ["error", "redis still away"],
    ["info", "redis ready"],
  ]);
  expect(lines[1]?.fields).toMatchObject({ role: "state", purpose: "commands", address: "127.0.0.1:6379" });
  expect(lines[2]?.fields).toMatchObject({ reason: "connect ECONNREFUSED", attempts: 20, awayMs: 10_000 });
  expect(lines[4]?.fields).toMatchObject({ attempts: 50, awayMs: 25_000 });
  expect(Object.fromEntries(counts)).toEqual({
    connect: 2,
    ready: 2,
    error: 50,
    close: 50,
    reconnecting: 50,
  });
});

test("each loss is told anew, also one that no error came with", () => {
  const { client, lines, failOnce } = createReported();
  failOnce("connect ECONNREFUSED");
  client.emit("ready");
  client.emit("close");
  client.emit("reconnecting", 50);
  client.emit("ready");
  const lost = lines.filter(({ event }) => event === "redis lost");
  expect(lost.map(({ fields }) => fields["reason"])).toEqual([
    "connect ECONNREFUSED",
    "the connection was closed",
  ]);
});

test("a client that is closed was not lost", () => {
  const { client, lines } = createReported();
  client.emit("ready");
  client.emit("close");
  client.emit("end");
  expect(lines.map(({ event }) => event)).toEqual(["redis ready", "redis end"]);
});
