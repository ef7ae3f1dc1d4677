import { type Logger, pino } from "pino";
import type { WorkerConfig } from "./config.ts";

/** JSON lines; in development on a terminal, lines for people. */
export function createLog(config: Pick<WorkerConfig, "environment" | "logLevel">): Logger {
  const isForPeople = config.environment === "development" && process.stdout.isTTY;
  return pino({
    level: config.logLevel,
    base: { service: "worker" },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ["*.password", "*.token", "*.secret"],
    ...(isForPeople
      ? { transport: { target: "pino-pretty", options: { ignore: "pid,hostname,service", sync: true } } }
      : {}),
  });
}
