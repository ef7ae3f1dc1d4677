/** From the environment, not from arguments: everybody on the machine sees those, and URLs hold passwords. */
export function readEnv(): { readonly url: string; readonly cacheUrl: string } {
  const url = process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379";
  return { url, cacheUrl: process.env["REDIS_CACHE_URL"] || url };
}
