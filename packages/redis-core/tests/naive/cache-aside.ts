import type { RedisPort } from "@cardinal/redis-core";

/**
 * The pattern as it is usually written. F5: a map of promises holds back the loads of one process only. F12: JSON
 * changes what it cannot write. F13: a falsy value is taken for a miss. And what was loaded before a deletion is
 * stored after it.
 */
export class CacheAside {
  readonly #redis: RedisPort;
  readonly #prefix: string;
  readonly #loads = new Map<string, Promise<unknown>>();

  constructor(redis: RedisPort, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  async getOrSet(key: string, load: () => unknown): Promise<unknown> {
    const text = await this.#redis.command("GET", [`${this.#prefix}:${key}`], []);
    const value: unknown = typeof text === "string" ? JSON.parse(text) : null;
    if (value) {
      return value;
    }
    const existing = this.#loads.get(key);
    if (existing) {
      return await existing;
    }
    const loading = this.#load(key, load).finally(() => this.#loads.delete(key));
    this.#loads.set(key, loading);
    return await loading;
  }

  async delete(key: string): Promise<void> {
    await this.#redis.command("DEL", [`${this.#prefix}:${key}`], []);
  }

  async #load(key: string, load: () => unknown): Promise<unknown> {
    const value = await load();
    await this.#redis.command("SET", [`${this.#prefix}:${key}`], [JSON.stringify(value) ?? "null", "PX", 60_000]);
    return value;
  }
}
