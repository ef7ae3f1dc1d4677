import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const guardScript = fileURLToPath(new URL("./guard.sh", import.meta.url));

export interface GuardedProcess {
  /** The server's own process id, for signals. */
  readonly pid: number;
  /** Settles when the server has ended and its folder, if it was to be removed, is gone. Never rejects. */
  readonly exited: Promise<void>;
  hasExited(): boolean;
  /** The last lines of its log, for error messages. */
  logTail(): string;
  /** Ends the server: SIGTERM, and kill -9 after `graceMs` (5 s). Resolves when nothing is left. */
  stop(graceMs?: number): Promise<void>;
}

export interface GuardedProcessOptions {
  command: string;
  args: string[];
  logPath: string;
  env?: NodeJS.ProcessEnv;
  /** Removed with everything in it once the server has ended. */
  removeFolder?: string;
}

/**
 * Starts a server that cannot outlive this process: when this process ends, in whatever way, `guard.sh` kills
 * the server and removes its folder. The server is in a session of its own, so that Ctrl-C in the terminal
 * reaches it only through `stop()`; it does not keep this process running either.
 */
export async function startGuarded(options: GuardedProcessOptions): Promise<GuardedProcess> {
  const guard = spawn(
    "sh",
    [guardScript, options.logPath, options.removeFolder ?? "", options.command, ...options.args],
    { detached: true, stdio: ["pipe", "pipe", "ignore"], env: options.env ?? process.env },
  );
  guard.stdin.on("error", () => {});
  let ended = false;
  let said = "";
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      ended = true;
      resolve();
    };
    guard.once("close", end);
    guard.once("error", end);
  });

  const pid = await new Promise<number>((resolve, reject) => {
    guard.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("\n")) resolve(Number.parseInt(said));
    });
    guard.once("error", reject);
    guard.once("close", () => reject(new Error(`${options.command} could not be started`)));
  });
  guard.unref();
  unrefStream(guard.stdin);
  unrefStream(guard.stdout);

  return {
    pid,
    exited,
    hasExited: () => ended,
    logTail: () => (ended ? said.slice(said.indexOf("\n") + 1).trimEnd() : lastLines(options.logPath, 12)),
    async stop(graceMs = 5000) {
      if (ended) return;
      guard.ref();
      refStream(guard.stdout);
      trySignal(pid, "SIGTERM");
      const kill = setTimeout(() => guard.stdin.destroy(), graceMs);
      await exited;
      clearTimeout(kill);
      guard.stdin.destroy();
    },
  };
}

/** A pipe is a socket underneath, though its type does not say so. */
function unrefStream(stream: Readable | Writable): void {
  if (stream instanceof Socket) stream.unref();
}

function refStream(stream: Readable | Writable): void {
  if (stream instanceof Socket) stream.ref();
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in between.
  }
}

function lastLines(path: string, count: number): string {
  try {
    return readFileSync(path, "utf8").trimEnd().split("\n").slice(-count).join("\n");
  } catch {
    return "";
  }
}
