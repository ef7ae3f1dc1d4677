import { defineHandler, invalidateCacheTags, type JobHandlerEntry, PermanentJobError } from "@cardinal/jobs";

/** The caches by namespace, as far as this job needs them. */
export type TagInvalidators = ReadonlyMap<string, { invalidateTags(tags: string[]): Promise<unknown> }>;

/** Invalidates the tags in Redis. Doing it twice is doing it once. */
export function invalidateCacheTagsHandler(deps: { caches: TagInvalidators }): JobHandlerEntry {
  return defineHandler(invalidateCacheTags, async ({ payload }) => {
    const cache = deps.caches.get(payload.namespace);
    if (cache === undefined) throw new PermanentJobError(`no cache is called "${payload.namespace}"`);
    await cache.invalidateTags(payload.tags);
  });
}
