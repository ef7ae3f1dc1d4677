import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { repositoryRoot } from "../workspace/repository-root.ts";

export interface PortSetting {
  name: "web" | "server" | "worker" | "Redis";
  port: number;
  /** The environment variable that changes it. */
  variable: string;
}

export interface DevSettings {
  web: PortSetting;
  server: PortSetting;
  worker: PortSetting;
  redis:
    | { kind: "own"; url: string; port: PortSetting; dataDir: string }
    | { kind: "external"; url: string; variable: string };
  databasePath: string;
}

export const dataFolder = join(repositoryRoot, ".data");
export const redisDataFolder = join(dataFolder, "redis");

/** Reads `.env` at the root, if there is one, into the environment; what is set already stays. */
export function loadEnvFile(path = join(repositoryRoot, ".env")): void {
  if (existsSync(path)) process.loadEnvFile(path);
}

/** What the development commands need of the environment. Throws with every faulty variable at once. */
export function readDevSettings(env: NodeJS.ProcessEnv = process.env): DevSettings {
  const faults: string[] = [];
  const port = (name: PortSetting["name"], variables: string[], fallback: number): PortSetting => {
    const variable = variables.find((candidate) => isSet(env[candidate])) ?? variables[0] ?? "";
    const value = env[variable];
    const number = isSet(value) ? Number(value) : fallback;
    if (!Number.isInteger(number) || number < 1 || number > 65_535) {
      faults.push(`${variable}=${value ?? ""} is not a port (1 to 65535)`);
    }
    return { name, port: number, variable };
  };
  const web = port("web", ["WEB_PORT"], 5173);
  const server = port("server", ["SERVER_PORT", "PORT"], 3000);
  const worker = port("worker", ["WORKER_PORT"], 3001);
  const redisPort = port("Redis", ["REDIS_PORT"], isSet(env["REDIS_HOST"]) ? 6379 : 6399);
  const redis = readRedis(env, redisPort, faults);

  const ports = [web, server, worker, ...(redis.kind === "own" ? [redisPort] : [])];
  for (const [index, first] of ports.entries()) {
    const second = ports.slice(index + 1).find((other) => other.port === first.port);
    if (second !== undefined) faults.push(`${first.variable} and ${second.variable} are both ${first.port}`);
  }
  if (faults.length > 0)
    throw new Error(`The environment has faults:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);

  const databasePath = isSet(env["DATABASE_PATH"]) ? env["DATABASE_PATH"] : ".data/cardinal.db";
  return {
    web,
    server,
    worker,
    redis,
    databasePath: isAbsolute(databasePath) ? databasePath : join(repositoryRoot, databasePath),
  };
}

function readRedis(env: NodeJS.ProcessEnv, port: PortSetting, faults: string[]): DevSettings["redis"] {
  const { REDIS_URL: url, REDIS_HOST: host, REDIS_PASSWORD: password } = env;
  if (isSet(url)) {
    if (!/^rediss?:\/\/[^/]|^redis\+(sentinel|cluster)(\+tls)?:\/\/[^/]/.test(url)) {
      faults.push(
        `REDIS_URL=${redactUrl(url)} is not of the form redis://[user:password@]host[:port][/database]`,
      );
    }
    return { kind: "external", url, variable: "REDIS_URL" };
  }
  if (isSet(host)) {
    const login = isSet(password) ? `:${encodeURIComponent(password)}@` : "";
    return { kind: "external", url: `redis://${login}${host}:${port.port}`, variable: "REDIS_HOST" };
  }
  return { kind: "own", url: `redis://127.0.0.1:${port.port}`, port, dataDir: redisDataFolder };
}

/** The URL without its password, for messages. */
export function redactUrl(url: string): string {
  return url.replace(/^(\w+:\/\/[^:@/]*):[^@]*@/, "$1:***@");
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
