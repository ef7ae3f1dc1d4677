/** One allowed arrow: to another workspace, perhaps to some of its entries or to its types only. */
export interface Arrow {
  to: string;
  /** Entries that may be imported with values: `"."`, `"./schemas"`; all without it. */
  values?: readonly string[];
  /** Entries from which types may be imported; all without it. */
  types?: readonly string[];
}

/** Who may import whom (docs: ARCHITECTURE.md). A workspace that is not listed may import none of ours. */
export const arrowTable: Readonly<Record<string, readonly Arrow[]>> = {
  "redis-core": [],
  db: [],
  dev: [],
  jobs: [{ to: "redis-core" }, { to: "db" }],
  api: [{ to: "jobs" }, { to: "db" }, { to: "redis-core" }],
  client: [{ to: "api", values: [] }],
  server: [{ to: "api" }, { to: "jobs" }, { to: "db" }, { to: "redis-core" }],
  worker: [
    { to: "api", values: ["./use-cases"], types: ["./use-cases"] },
    { to: "jobs" },
    { to: "db" },
    { to: "redis-core" },
  ],
  web: [{ to: "api", values: ["./schemas"] }, { to: "client" }],
  /** Starts the apps as processes; fills what they serve, and sends beside them as the worker would. */
  bench: [{ to: "redis-core" }, { to: "client" }, { to: "dev" }, { to: "db" }, { to: "api" }],
  /** Breaks them on purpose, with times of its own. */
  chaos: [{ to: "server" }, { to: "api" }, { to: "client" }, { to: "db" }, { to: "dev" }],
};

/** What a test may import besides its workspace's own arrows. */
export const testArrows: readonly Arrow[] = [{ to: "dev" }];
