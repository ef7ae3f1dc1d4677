import type { EventEmitter } from "node:events";
import type { Telemetry } from "../telemetry.ts";

export interface ConnectionReport {
  readonly telemetry: Telemetry;
  readonly labels: { readonly role: string; readonly purpose: string };
  /** Where the connection leads, without credentials. */
  readonly address: string;
  /** Milliseconds that only rise. Default `performance.now`. */
  readonly elapsedMs?: () => number;
}

/** From the first failure to the next time the connection is ready. */
interface Outage {
  readonly sinceMs: number;
  saidAtMs: number;
  attempts: number;
}

const events = ["connect", "ready", "close", "reconnecting", "error", "end"] as const;
const sayEveryMs = 10_000;

/**
 * Counts every event of a client and logs what an operator should know of them: `redis ready`, `redis lost` at
 * the first failure, `redis still away` at most every 10 s with the attempts so far, `redis ready` again, and
 * `redis end`. A client that is closed was not lost.
 */
export function reportConnection(
  client: Pick<EventEmitter, "on">,
  { telemetry, labels, address, elapsedMs = () => performance.now() }: ConnectionReport,
): void {
  let outage: Outage | null = null;
  let reason = "the connection was closed";

  const log = (level: "info" | "warn" | "error", event: string, fields: object = {}) =>
    telemetry.log(level, event, { ...labels, address, ...fields });

  const fail = (attempts: 0 | 1) => {
    const nowMs = elapsedMs();
    if (outage === null) {
      outage = { sinceMs: nowMs, saidAtMs: nowMs, attempts };
      log("warn", "redis lost", { reason });
      return;
    }
    outage.attempts += attempts;
    if (nowMs - outage.saidAtMs >= sayEveryMs) {
      outage.saidAtMs = nowMs;
      log("error", "redis still away", { reason, ...lengthOf(outage, nowMs) });
    }
  };

  for (const event of events) {
    client.on(event, () => telemetry.count("redis_connection_events_total", { ...labels, event }));
  }
  client.on("error", (error: Error) => {
    reason = error.message;
    fail(0);
  });
  // A client that is closed says `close` too, but does not try again.
  client.on("reconnecting", () => fail(1));
  client.on("ready", () => {
    log("info", "redis ready", outage === null ? {} : lengthOf(outage, elapsedMs()));
    outage = null;
    reason = "the connection was closed";
  });
  client.on("end", () => log("info", "redis end"));
}

function lengthOf({ sinceMs, attempts }: Outage, nowMs: number): object {
  return { attempts, awayMs: Math.round(nowMs - sinceMs) };
}
