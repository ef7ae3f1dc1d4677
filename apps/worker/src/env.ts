import { parseRedisUrl } from "@cardinal/redis-core/connection";
import { z } from "zod";
import { parseMailSender } from "./mail/mail-address.ts";

const port = z.coerce.number().int().min(1).max(65_535);
const blankIsUnset = (value: unknown): unknown => (value === "" ? undefined : value);
const redisUrl = z.string().refine(isRedisUrl, "must be a redis://, rediss://, redis+sentinel:// or redis+cluster:// URL");

/** What the worker reads from the environment. The names are the server's where both need the same thing. */
export const workerEnvSchema = z.object({
  NODE_ENV: z.enum(["development", "test", "production"]).default("development"),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  DATABASE_PATH: z.string().optional().describe("The SQLite file, the same as the server's."),
  REDIS_URL: redisUrl.optional().describe("Redis for state; or use REDIS_HOST, REDIS_PORT and REDIS_PASSWORD."),
  REDIS_HOST: z.string().optional(),
  REDIS_PORT: port.optional(),
  REDIS_PASSWORD: z.string().optional(),
  REDIS_CACHE_URL: redisUrl.optional().describe("Redis for the cache, when it is another one."),
  KEY_PREFIX: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be 1 to 32 of a-z, 0-9 and -")
    .default("cardinal")
    .describe("What every key of this installation starts with."),
  WORKER_HOST: z.string().default("127.0.0.1").describe("Where the worker's health and metrics listen."),
  WORKER_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(3001)
    .describe("Port of the worker's health and metrics; 0 takes a free one."),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional().describe("Where members open Cardinal; links in mails."),
  SMTP_URL: z
    .union([z.literal("local"), z.url({ protocol: /^smtps?$/ })], {
      error: 'must be an smtp:// or smtps:// address, or "local" to keep mails in the database',
    })
    .optional()
    .describe('Where mails go; "local" keeps them in the database.'),
  MAIL_FROM: z
    .string()
    .refine((text) => parseMailSender(text) !== null, "must be an address, or Name <address>")
    .optional()
    .describe("Sender of mails: an address, or Name <address>."),
  UPSTASH_REDIS_REST_URL: z.string().optional(),
});

export type WorkerEnv = z.infer<typeof workerEnvSchema>;

/** Every fault of the environment at once; `faults` is one line for each bad name. */
export class InvalidEnvironment extends Error {
  override readonly name = "InvalidEnvironment";
  readonly code = "INVALID_ENVIRONMENT";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`the environment has ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    this.faults = faults;
  }
}

/** Reads the environment; an empty variable counts as not set. Throws `InvalidEnvironment` naming every fault. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): WorkerEnv {
  const names = Object.keys(workerEnvSchema.shape);
  const given = Object.fromEntries(names.map((name) => [name, blankIsUnset(source[name])]));
  const parsed = workerEnvSchema.safeParse(given);
  const faults = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  faults.push(...crossCheck(given));
  if (!parsed.success || faults.length > 0) throw new InvalidEnvironment(faults);
  return parsed.data;
}

function isRedisUrl(text: string): boolean {
  try {
    parseRedisUrl(text);
    return true;
  } catch {
    return false;
  }
}

/** Faults no single variable shows, over the raw values so that they are reported with the others. */
function crossCheck(given: Readonly<Record<string, unknown>>): string[] {
  const faults: string[] = [];
  const { REDIS_URL, REDIS_HOST, REDIS_PORT, REDIS_PASSWORD } = given;
  if (typeof REDIS_URL === "string" && isRedisUrl(REDIS_URL)) {
    const target = parseRedisUrl(REDIS_URL);
    const address = target.kind === "node" ? target.address : null;
    const pairs = [
      ["REDIS_HOST", REDIS_HOST, address?.host],
      ["REDIS_PORT", REDIS_PORT, address === null ? undefined : String(address.port)],
      ["REDIS_PASSWORD", REDIS_PASSWORD, target.password],
    ] as const;
    for (const [name, value, inUrl] of pairs) {
      if (value !== undefined && value !== inUrl) faults.push(`${name}: disagrees with REDIS_URL; set one of them`);
    }
  }
  const hasRedis = REDIS_URL !== undefined || REDIS_HOST !== undefined;
  if (!hasRedis && given["UPSTASH_REDIS_REST_URL"] !== undefined) {
    faults.push("REDIS_URL: missing; the worker needs Redis over TCP, UPSTASH_REDIS_REST_URL serves edge code only");
  } else if (!hasRedis && given["NODE_ENV"] === "production") {
    faults.push("REDIS_URL: required in production (or REDIS_HOST)");
  }
  if (given["NODE_ENV"] !== "production") return faults;
  for (const name of ["DATABASE_PATH", "PUBLIC_URL", "SMTP_URL", "MAIL_FROM"]) {
    if (given[name] === undefined) faults.push(`${name}: required in production`);
  }
  return faults;
}
