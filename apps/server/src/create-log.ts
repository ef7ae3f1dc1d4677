import { type Logger, type LoggerOptions, pino } from "pino";
import pretty from "pino-pretty";
import type { ServerConfig } from "./config.ts";

/**
 * The process' log: JSON lines with UTC times in production, readable lines in development. Fields that may
 * hold a secret are removed wherever they stand.
 */
export function createLog(config: Pick<ServerConfig, "isProduction" | "logLevel">): Logger {
  const options = logOptions(config.logLevel);
  if (config.isProduction) {
    return pino(options);
  }
  return pino(
    options,
    pretty({
      ignore: "pid,hostname,service",
      translateTime: "SYS:HH:MM:ss.l",
      singleLine: true,
      sync: true,
    }),
  );
}

/** What every line has and what none may have. */
export function logOptions(level: string): LoggerOptions {
  return {
    level,
    base: { service: "server" },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
    redact: {
      paths: ["password", "token", "*.password", "*.token", "*.passwordHash", "*.authorization", "*.cookie"],
      remove: true,
    },
  };
}

/** An error without the values of a failed query, which its message and stack repeat. */
function describeError(error: Error): object {
  const { params: _values, ...described } = pino.stdSerializers.err(error);
  const withoutValues = (text: string): string =>
    text.replaceAll(/\nparams: [^\n]*/g, "\nparams: (not logged)");
  return {
    ...described,
    message: withoutValues(described.message),
    stack: withoutValues(described.stack),
  };
}
