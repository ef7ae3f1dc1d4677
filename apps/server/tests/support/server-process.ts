import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { eventually } from "./eventually.ts";

export interface ServerProcess {
  /** As a power cut would: nothing is told, nothing is finished. */
  kill(): Promise<void>;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>;
}

/** `node src/main.ts` as an operator runs it; listening when this resolves. */
export async function startServerProcess(
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const main = join(import.meta.dirname, "../../src/main.ts");
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, NODE_ENV: "test", LOG_LEVEL: "silent", SERVER_PORT: String(port), ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    await eventually(async () => {
      const { status } = await fetch(`http://127.0.0.1:${port}/health/live`);
      if (status !== 200) {
        throw new Error(`the server answers ${status}`);
      }
    }, 45_000);
  } catch (error) {
    await end(child, "SIGKILL");
    throw error;
  }
  return {
    async kill() {
      await end(child, "SIGKILL");
    },
    stop: () => end(child, "SIGTERM"),
  };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await once(child, "exit");
  }
  return child.exitCode;
}
