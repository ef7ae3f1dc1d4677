import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface StartedProcess {
  child: ChildProcess;
  /** What it has printed so far, line by line. */
  lines: string[];
  /** Resolves when it has printed this line; rejects if it ends without. */
  printed(line: string): Promise<void>;
  /** Its exit code, null if it was killed. */
  ended: Promise<number | null>;
}

/** Starts one of the programs of this folder as a process of its own. */
export function startProcess(program: string, args: readonly string[]): StartedProcess {
  const path = fileURLToPath(new URL(`${program}.ts`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const closed = once(reader, "close");
  const ended = once(child, "exit").then(async ([code]: unknown[]) => {
    await closed;
    return typeof code === "number" ? code : null;
  });
  return {
    child,
    lines,
    ended,
    printed: (line) =>
      new Promise((resolve, reject) => {
        if (lines.includes(line)) return resolve();
        reader.on("line", (seen) => {
          if (seen === line) resolve();
        });
        void closed.then(() => reject(new Error(`${program} ended before it printed "${line}"`)));
      }),
  };
}
