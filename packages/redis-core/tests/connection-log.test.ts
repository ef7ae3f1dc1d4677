import { startRedis } from "@cardinal/dev";
import { connectRedis } from "@cardinal/redis-core/connection";
import { expect, test } from "vitest";
import { eventually } from "./support/eventually.ts";
import { recordTelemetry } from "./support/record-telemetry.ts";

test("an outage of any number of attempts is two lines of the log, and every attempt is counted", async () => {
  const redis = await startRedis();
  const telemetry = recordTelemetry();
  const lines: string[] = [];
  telemetry.log = (level, event) => void lines.push(`${level} ${event}`);
  const attempts = () => telemetry.total("redis_connection_events_total", { event: "reconnecting" });
  await using connection = connectRedis({ target: redis.url, telemetry });
  await connection.ready();

  await redis.stop();
  await eventually(() => expect(attempts()).toBeGreaterThan(4));
  await using again = await startRedis({ port: redis.port });
  await connection.ready();

  expect(again.port).toBe(redis.port);
  expect(lines).toEqual(["info redis ready", "warn redis lost", "info redis ready"]);
});
