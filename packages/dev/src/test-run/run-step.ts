import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { repositoryRoot } from "../workspace/repository-root.ts";

export interface StepResult {
  passed: number;
  failed: number;
  skipped: number;
}

/** Runs a program in the repository's root, its output going to ours; it counts as one check. */
export async function runStep(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<StepResult> {
  const ok = (await runShown(command, args, {}, signal)) === 0;
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

/**
 * Resolves with the exit code, null when a signal ended the program or it could not be started. On abort the
 * program is asked to stop, and this still waits for its end.
 */
export function runShown(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: repositoryRoot,
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        TURBO_TELEMETRY_DISABLED: "1",
        TURBO_NO_UPDATE_NOTIFIER: "1",
        PATH: [join(repositoryRoot, "node_modules/.bin"), process.env["PATH"] ?? ""].join(delimiter),
        ...env,
      },
    });
    const stop = () => void child.kill("SIGTERM");
    signal.addEventListener("abort", stop);
    const end = (code: number | null) => {
      signal.removeEventListener("abort", stop);
      resolve(code);
    };
    child.once("exit", end);
    child.once("error", (error) => {
      console.error(error.message);
      end(null);
    });
  });
}
