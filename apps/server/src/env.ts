import { Misuse } from "@cardinal/redis-core";
import { parseRedisUrl } from "@cardinal/redis-core/connection";
import { z } from "zod";

const port = z.coerce.number("must be a port, 1 to 65535").int().min(1).max(65_535);
const flag = z.enum(["true", "false"], 'must be "true" or "false"').transform((text) => text === "true");

const redisUrl = z.string().superRefine((text, context) => {
  try {
    parseRedisUrl(text);
  } catch (error) {
    context.addIssue(error instanceof Misuse ? error.message : "not a Redis address");
  }
});

/**
 * Everything the server reads from the environment, in the order of `docs/environment.md`, which is generated
 * from this schema: each description is one line of it.
 */
export const serverEnvSchema = z.object({
  NODE_ENV: z
    .enum(["development", "test", "production"])
    .default("development")
    .describe("`production` refuses every development default and hides internals from callers."),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
    .optional()
    .describe("Where members open Cardinal. Its origin may send cookies; https makes them `Secure`."),
  SERVER_HOST: z.string().min(1).optional().describe("The address the server listens on."),
  SERVER_PORT: port
    .optional()
    .describe("The port of the API and the built web app. `PORT` is read when absent."),
  PORT: port.optional().describe("As `SERVER_PORT`, for hosts that set it."),
  WEB_PORT: port
    .default(5173)
    .describe("The development server of the web app, whose pages may send cookies too."),
  DATABASE_PATH: z
    .string()
    .min(1)
    .optional()
    .describe("The SQLite file, shared by servers and workers of one host."),
  REDIS_URL: redisUrl
    .optional()
    .describe("Redis for state: `redis://`, `rediss://`, `redis+sentinel://` or `redis+cluster://`."),
  REDIS_HOST: z
    .string()
    .min(1)
    .optional()
    .describe("Instead of `REDIS_URL`, with `REDIS_PORT` and `REDIS_PASSWORD`."),
  REDIS_PORT: port.optional().describe("With `REDIS_HOST`; alone, the port of the development Redis."),
  REDIS_PASSWORD: z.string().min(1).optional().describe("With `REDIS_HOST`."),
  REDIS_CACHE_URL: redisUrl
    .optional()
    .describe("Redis for the cache, which may evict, when it is another one."),
  KEY_PREFIX: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be 1 to 32 of a-z, 0-9 and -")
    .default("cardinal")
    .describe("What every key of this installation starts with."),
  TRUSTED_PROXY_HOPS: z.coerce
    .number("must be a number of proxies, 0 to 10")
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe("Your own proxies in front of the server: how many entries of `X-Forwarded-For` are believed."),
  COUNTRY_HEADER: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, "must be the name of a header")
    .optional()
    .describe("The header in which your proxy names a visitor's country. Only one that it always sets."),
  SERVER_INSTANCES: z.coerce
    .number("must be a number of processes, 1 to 1000")
    .int()
    .min(1)
    .max(1_000)
    .default(1)
    .describe("Server processes that share the rate limits while Redis is away."),
  METRICS_TOKEN: z
    .string()
    .min(16, "must have at least 16 characters")
    .optional()
    .describe("Bearer token for `/metrics`. Without it only callers on the same machine may read them."),
  DEMO_LOGIN: flag
    .optional()
    .describe("Lists the seeded logins on the sign-in page. On in development, refused in production."),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "silent"])
    .default("info")
    .describe("Lines below this level are not written."),
  UPSTASH_REDIS_REST_URL: z
    .string()
    .optional()
    .describe("For the edge example only: the server needs Redis over TCP and says so."),
});

export type ServerEnv = z.infer<typeof serverEnvSchema>;

/** Every fault of the environment at once: one line for each bad name. */
export class InvalidEnvironment extends Error {
  override readonly name = "InvalidEnvironment";
  readonly code = "INVALID_ENVIRONMENT";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `the environment has ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join("\n")}`,
    );
    this.faults = faults;
  }
}

/**
 * Reads the environment. An empty variable counts as not set.
 *
 * @throws {InvalidEnvironment} naming every fault, never a value that may be secret.
 */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): ServerEnv {
  const given: Record<string, string | undefined> = {};
  for (const name of Object.keys(serverEnvSchema.shape)) {
    given[name] = source[name] === "" ? undefined : source[name];
  }
  const parsed = serverEnvSchema.safeParse(given);
  const faults = (parsed.error?.issues ?? []).map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  faults.push(...disagreements(given), ...missingRedis(given));
  if (given["NODE_ENV"] === "production") {
    faults.push(...unfitForProduction(given));
  }
  if (!parsed.success || faults.length > 0) {
    throw new InvalidEnvironment(faults);
  }
  return parsed.data;
}

type Given = Readonly<Record<string, string | undefined>>;

function disagreements(given: Given): string[] {
  const faults: string[] = [];
  if (
    given["SERVER_PORT"] !== undefined &&
    given["PORT"] !== undefined &&
    given["SERVER_PORT"] !== given["PORT"]
  ) {
    faults.push("PORT: disagrees with SERVER_PORT; set one of them");
  }
  const url = given["REDIS_URL"];
  if (url === undefined || !URL.canParse(url)) {
    return faults;
  }
  const { hostname, port: urlPort, password } = new URL(url);
  const parts = [
    ["REDIS_HOST", hostname],
    ["REDIS_PORT", urlPort === "" ? "6379" : urlPort],
    ["REDIS_PASSWORD", decodeURIComponent(password)],
  ] as const;
  for (const [name, inUrl] of parts) {
    if (given[name] !== undefined && given[name] !== inUrl) {
      faults.push(`${name}: disagrees with REDIS_URL; set one of them`);
    }
  }
  return faults;
}

function missingRedis(given: Given): string[] {
  if (given["REDIS_URL"] !== undefined || given["REDIS_HOST"] !== undefined) {
    return [];
  }
  if (given["UPSTASH_REDIS_REST_URL"] !== undefined) {
    return [
      "REDIS_URL: missing. UPSTASH_REDIS_REST_URL speaks HTTP, which cannot subscribe or block, so the server " +
        "needs the same database's redis:// address; the REST address serves edge code only",
    ];
  }
  return given["NODE_ENV"] === "production" ? ["REDIS_URL: required in production (or REDIS_HOST)"] : [];
}

function unfitForProduction(given: Given): string[] {
  const faults = ["DATABASE_PATH", "PUBLIC_URL"]
    .filter((name) => given[name] === undefined)
    .map((name) => `${name}: required in production`);
  const publicUrl = given["PUBLIC_URL"];
  if (publicUrl !== undefined && URL.canParse(publicUrl)) {
    const { protocol, hostname } = new URL(publicUrl);
    if (protocol === "http:" && !isLoopback(hostname)) {
      faults.push("PUBLIC_URL: must be https:// in production, or session cookies travel in clear");
    }
  }
  if (given["DEMO_LOGIN"] === "true") {
    faults.push("DEMO_LOGIN: refused in production, it shows working passwords to everyone");
  }
  return faults;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
