/** Buckets of a namespace: on a Cluster they spread it over the nodes. Part of the namespace's identity. */
export function bucketCount(topology: "single" | "cluster"): number {
  return topology === "cluster" ? 16 : 1;
}

/** The bucket of a key, by FNV-1a. */
export function bucketOf(name: string, buckets: number): number {
  if (buckets === 1) {
    return 0;
  }
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % buckets;
}
