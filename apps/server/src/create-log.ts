import { pino, type Logger } from "pino";
import pretty from "pino-pretty";
import type { ServerConfig } from "./config.ts";

/**
 * The process' log: JSON lines with UTC times in production, readable lines in development. Fields that may hold a
 * secret are removed wherever they stand.
 */
export function createLog(config: Pick<ServerConfig, "isProduction" | "logLevel">): Logger {
  const options = {
    level: config.logLevel,
    base: { service: "server" },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ["password", "token", "*.password", "*.token", "*.passwordHash", "*.authorization", "*.cookie"],
      remove: true,
    },
  };
  if (config.isProduction) {
    return pino(options);
  }
  return pino(options, pretty({ ignore: "pid,hostname,service", translateTime: "SYS:HH:MM:ss.l", sync: true }));
}
