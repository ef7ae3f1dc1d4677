export type {
  Cache,
  CacheLookup,
  CacheOptions,
  GetOrSetManyOptions,
  GetOrSetOptions,
  Loader,
  LoaderContext,
  SetOptions,
  WarmOptions,
  WarmProgress,
} from "./cache.ts";
export { LoaderTimeout } from "./cache-errors.ts";
export { createCache } from "./create-cache.ts";
export type { StandardSchema } from "../schema.ts";
