import "vitest";

declare module "vitest" {
  export interface ProvidedContext {
    /**
     * The Redis of this test run: `inject("redisUrl")`. Shared by all files, so every test has its own
     * prefix.
     */
    redisUrl: string;
  }
}
