import { createCaches } from "@cardinal/api/use-cases";
import type { RedisCore } from "@cardinal/redis-core";
import type { TagInvalidators } from "./handlers/invalidate-cache-tags.handler.ts";

/** Every cache of the product, by namespace: the same as the server's, so that both mean the same entries. */
export function createTagInvalidators(core: RedisCore): TagInvalidators {
  return new Map(Object.entries(createCaches(core)));
}
