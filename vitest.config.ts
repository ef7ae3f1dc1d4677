import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));

/** One project per workspace, named as its folder: `vitest run --project redis-core`. */
const workspaces = ["packages", "apps"].flatMap((parent) =>
  readdirSync(`${root}${parent}`)
    .filter((name) => name !== "bench" && existsSync(`${root}${parent}/${name}/package.json`))
    .map((name) => ({
      extends: true as const,
      test: {
        name,
        root: `${root}${parent}/${name}`,
        include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
      },
    })),
);

/** The browser journeys need the built web app and Chromium, so they run only when asked for by name. */
const asksForBrowser = process.argv.some((argument) => /^(--project=)?e2e$/.test(argument));
const e2e = {
  extends: true as const,
  test: {
    name: "e2e",
    root: `${root}apps/web`,
    include: ["e2e/**/*.e2e.ts"],
    // Each file has a stack and a browser of its own, and mostly waits.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
};

export default defineConfig({
  test: {
    environment: "node",
    globalSetup: [`${root}packages/dev/src/test-run/global-redis.ts`],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    retry: 0,
    passWithNoTests: true,
    projects: [...workspaces, ...(asksForBrowser ? [e2e] : [])],
  },
});
