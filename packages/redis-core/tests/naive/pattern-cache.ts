import type { RedisPort } from "@cardinal/redis-core";

/** F3: what belongs together is found by its key's pattern. */
export class PatternCache {
  readonly #redis: RedisPort;
  readonly #prefix: string;

  constructor(redis: RedisPort, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  async set(owner: string, page: number, value: unknown): Promise<void> {
    await this.#redis.command("SET", [this.#key(owner, page)], [JSON.stringify(value), "PX", 60_000]);
  }

  async get(owner: string, page: number): Promise<unknown> {
    const text = await this.#redis.command("GET", [this.#key(owner, page)], []);
    return typeof text === "string" ? JSON.parse(text) : undefined;
  }

  async invalidate(owner: string): Promise<void> {
    const keys = await this.#redis.command("KEYS", [], [`${this.#prefix}:${owner}:*`]);
    for (const key of Array.isArray(keys) ? keys : []) {
      await this.#redis.command("DEL", [String(key)], []);
    }
  }

  #key(owner: string, page: number): string {
    return `${this.#prefix}:${owner}:${page}`;
  }
}
