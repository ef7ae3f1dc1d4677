export type {
  Cache,
  CacheLookup,
  CacheOptions,
  GetOrSetManyOptions,
  GetOrSetOptions,
  InvalidateOptions,
  Loader,
  LoaderContext,
  ManyLoader,
  SetOptions,
  WarmOptions,
  WarmProgress,
} from "./cache.ts";
export type { CacheEventMap } from "./cache-report.ts";
export { LoaderTimeout } from "./cache-errors.ts";
export { createCache } from "./create-cache.ts";
export type { StandardSchema } from "../schema.ts";
