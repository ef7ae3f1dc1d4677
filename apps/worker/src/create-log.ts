import { type Logger, type LoggerOptions, pino } from "pino";
import pretty from "pino-pretty";
import type { WorkerConfig } from "./config.ts";

/** JSON lines; in development, lines for people. */
export function createLog(config: Pick<WorkerConfig, "environment" | "logLevel">): Logger {
  const options: LoggerOptions = {
    level: config.logLevel,
    base: { service: "worker" },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ["*.password", "*.token", "*.secret"],
  };
  if (config.environment !== "development") return pino(options);
  return pino(
    options,
    pretty({
      ignore: "pid,hostname,service",
      translateTime: "SYS:HH:MM:ss.l",
      singleLine: true,
      // `error` is text here; only `err` is an error with a stack.
      errorLikeObjectKeys: ["err"],
      sync: true,
    }),
  );
}
