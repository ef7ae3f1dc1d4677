/** What the command line tools of this package read from the environment. */
export interface CliEnv {
  readonly databasePath: string;
  readonly redisUrl: string;
  readonly keyPrefix: string;
}

/** With the defaults of development; an empty variable counts as not set. */
export function readCliEnv(source: NodeJS.ProcessEnv = process.env): CliEnv {
  return {
    databasePath: source["DATABASE_PATH"] || ".data/cardinal.db",
    redisUrl: source["REDIS_URL"] || `redis://127.0.0.1:${source["REDIS_PORT"] || "6399"}`,
    keyPrefix: source["KEY_PREFIX"] || "cardinal",
  };
}
