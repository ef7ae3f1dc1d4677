import { randomBytes } from "node:crypto";
import { Redis, type RedisOptions } from "ioredis";
import { GatewayError } from "./gateway-error.ts";

/** Who shows a token, and the connection his commands take. */
export interface GatewayUser {
  readonly redis: Redis;
  may(command: string): Promise<boolean>;
}

/** The tokens of a gateway: the standard one, the read-only one, and those of ACL users. */
export interface GatewayUsers {
  /** @throws GatewayError 401 for a token that nobody has. */
  find(token: string): GatewayUser;
  /** `ACL RESTTOKEN <user> <password>`: a token with the rights of that user. */
  createToken(username: string, password: string): Promise<string>;
  close(): void;
}

export const settings = {
  protocol: 2,
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
} satisfies RedisOptions;

/** Reads too, but of everything: a read-only token is made to be public. */
const powerful = /^(scan|keys|randomkey)$/i;

export async function createGatewayUsers(options: {
  readonly redisUrl: string;
  readonly token: string;
  readonly readOnlyToken?: string | undefined;
}): Promise<GatewayUsers> {
  const redis = await connect(options.redisUrl);
  const users = new Map<string, GatewayUser>([[options.token, { redis, may: () => Promise.resolve(true) }]]);
  if (options.readOnlyToken !== undefined) {
    users.set(options.readOnlyToken, { redis, may: (command) => isReading(redis, command) });
  }
  const ofAcl = new Set<Redis>();
  return {
    find(token) {
      const user = users.get(token);
      if (user === undefined) throw new GatewayError("WRONGPASS invalid or missing auth token", 401);
      return user;
    },
    async createToken(username, password) {
      const own = await connect(options.redisUrl, { username, password }).catch(() => undefined);
      if (own === undefined) {
        throw new GatewayError(`ERR Wrong password or user "${username}" does not exist`);
      }
      ofAcl.add(own);
      const token = randomBytes(32).toString("base64url");
      users.set(token, { redis: own, may: () => Promise.resolve(true) });
      return token;
    },
    close() {
      for (const each of [redis, ...ofAcl]) each.disconnect();
    },
  };
}

async function connect(url: string, login: { username?: string; password?: string } = {}): Promise<Redis> {
  const redis = new Redis(url, { ...settings, ...login });
  redis.on("error", () => {});
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  return redis;
}

async function isReading(redis: Redis, command: string): Promise<boolean> {
  if (powerful.test(command)) return false;
  const reply: unknown = await redis.call("COMMAND", ["INFO", command]);
  const [entry] = Array.isArray(reply) ? reply : [];
  const flags: unknown = Array.isArray(entry) ? entry[2] : [];
  return Array.isArray(flags) && flags.map(String).includes("readonly");
}
