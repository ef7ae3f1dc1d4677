import { join } from "node:path";
import { findChromium } from "../browser/find-chromium.ts";
import { repositoryRoot } from "../workspace/repository-root.ts";
import { type StepResult, runStep } from "./run-step.ts";
import { runVitest } from "./run-vitest.ts";

export interface Step {
  name: string;
  /** What stands in the heading. */
  title: string;
  run(signal: AbortSignal): Promise<StepResult>;
}

const bin = (name: string) => join(repositoryRoot, "node_modules/.bin", name);
const ours = (script: string) => join(repositoryRoot, "packages/dev/src", script);

/** Everything that CI should know, in the order it runs. */
export const steps: readonly Step[] = [
  {
    name: "types",
    title: "Types",
    run: (signal) => runStep(bin("turbo"), ["run", "typecheck", "--continue"], signal),
  },
  {
    name: "lint",
    title: "Lint",
    run: (signal) => runStep(bin("oxlint"), ["--type-aware", "--deny-warnings"], signal),
  },
  {
    name: "arrows",
    title: "Arrows",
    run: (signal) => runStep(process.execPath, [ours("arrows/main.ts")], signal),
  },
  {
    name: "generated",
    title: "Generated documents",
    run: (signal) => runStep(process.execPath, [ours("generate/main.ts"), "--check"], signal),
  },
  { name: "unit", title: "Unit and integration tests", run: (signal) => runVitest([], {}, signal) },
  {
    name: "build",
    title: "Build",
    run: (signal) => runStep(bin("turbo"), ["run", "build", "--continue"], signal),
  },
  { name: "browser", title: "Browser tests", run: runBrowserTests },
];

async function runBrowserTests(signal: AbortSignal): Promise<StepResult> {
  let path: string;
  try {
    ({ path } = await findChromium({ onProgress: (message) => console.log(message) }));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    console.error("The browser tests did not run.");
    return { passed: 0, failed: 1, skipped: 0 };
  }
  console.log(`Chromium: ${path}`);
  return runVitest(["--project", "e2e"], { CHROMIUM_PATH: path }, signal);
}
