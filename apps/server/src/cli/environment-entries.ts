import type { z } from "zod";
import { DEVELOPMENT_REDIS_PORT, DEVELOPMENT_SERVER_PORT } from "../config.ts";
import { serverEnvSchema } from "../env.ts";

/** One variable of the environment, as its documentation shows it. */
export interface EnvironmentEntry {
  readonly name: string;
  readonly description: string;
  /** What holds in development when it is not set. */
  readonly developmentDefault: string;
  readonly inProduction: "required" | "optional" | "refused";
  readonly readBy: string;
}

// Defaults that `toConfig` fills in rather than the schema, because they depend on other variables.
const developmentDefaults: Readonly<Record<string, string>> = {
  PUBLIC_URL: "http://localhost:5173",
  SERVER_HOST: "127.0.0.1 (in production every address)",
  SERVER_PORT: String(DEVELOPMENT_SERVER_PORT),
  DATABASE_PATH: ".data/cardinal.db",
  REDIS_URL: `redis://127.0.0.1:${DEVELOPMENT_REDIS_PORT}`,
  REDIS_PORT: String(DEVELOPMENT_REDIS_PORT),
  REDIS_CACHE_URL: "the same as REDIS_URL",
  DEMO_LOGIN: "true",
};

const required = new Set(["PUBLIC_URL", "DATABASE_PATH", "REDIS_URL"]);

const sharedWithWorker = new Set([
  "NODE_ENV",
  "PUBLIC_URL",
  "DATABASE_PATH",
  "REDIS_URL",
  "REDIS_HOST",
  "REDIS_PORT",
  "REDIS_PASSWORD",
  "REDIS_CACHE_URL",
  "KEY_PREFIX",
  "LOG_LEVEL",
  "UPSTASH_REDIS_REST_URL",
]);

// Read by the worker alone. An app imports no other app, so they are spelled here; a test holds them to its
// schema.
const workerEntries: readonly EnvironmentEntry[] = [
  {
    name: "WORKER_HOST",
    description: "Where the worker's health and metrics listen.",
    developmentDefault: "127.0.0.1",
    inProduction: "optional",
    readBy: "worker",
  },
  {
    name: "WORKER_PORT",
    description: "Port of the worker's health and metrics.",
    developmentDefault: "3001",
    inProduction: "optional",
    readBy: "worker",
  },
  {
    name: "SMTP_URL",
    description:
      'Where mails go (`smtp://` or `smtps://`); "local" keeps them in the database, to be read at /dev/mail.',
    developmentDefault: "local",
    inProduction: "required",
    readBy: "worker",
  },
  {
    name: "MAIL_FROM",
    description: "Sender of mails: an address, or `Name <address>`.",
    developmentDefault: "Cardinal <hello@cardinal.test>",
    inProduction: "required",
    readBy: "worker",
  },
];

/** Every variable the server and the worker read, the server's from its schema. */
export function listEnvironmentEntries(): EnvironmentEntry[] {
  const own = Object.entries(serverEnvSchema.shape).map(([name, schema]): EnvironmentEntry => {
    return {
      name,
      description: schema.description ?? "",
      developmentDefault: developmentDefaults[name] ?? schemaDefault(schema),
      inProduction: name === "DEMO_LOGIN" ? "refused" : required.has(name) ? "required" : "optional",
      readBy: sharedWithWorker.has(name) ? "server, worker" : "server",
    };
  });
  return [...own, ...workerEntries];
}

function schemaDefault(schema: z.ZodType): string {
  const unset = schema.safeParse(undefined);
  const value = unset.success ? unset.data : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
