import type { RedisPort } from "@cardinal/redis-core";

/** F2: the keys of each tag in a set of its own, which nothing ever removes. */
export class TagSetCache {
  readonly #redis: RedisPort;
  readonly #prefix: string;

  constructor(redis: RedisPort, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  async set(key: string, value: unknown, ttlMs: number, tags: readonly string[]): Promise<void> {
    await this.#redis.command("SET", [`${this.#prefix}:${key}`], [JSON.stringify(value), "PX", ttlMs]);
    for (const tag of tags) {
      await this.#redis.command("SADD", [`${this.#prefix}:tag:${tag}`], [`${this.#prefix}:${key}`]);
    }
  }

  async get(key: string): Promise<unknown> {
    const text = await this.#redis.command("GET", [`${this.#prefix}:${key}`], []);
    return typeof text === "string" ? JSON.parse(text) : undefined;
  }
}
