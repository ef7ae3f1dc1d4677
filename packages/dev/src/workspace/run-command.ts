import { spawn } from "node:child_process";

export interface CommandResult {
  code: number | null;
  stdout: string;
  /** Standard output and standard error in the order they came. */
  output: string;
}

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

/**
 * Runs a program to its end without a shell and without input, and collects what it wrote. A non-zero exit is
 * a result; only a program that cannot be started rejects.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, output }));
  });
}

/** `runCommand` that rejects with the end of the output when the program fails. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await runCommand(command, args, options);
  if (result.code !== 0) {
    const tail = result.output.trim().split("\n").slice(-6).join("\n");
    throw new Error(`${command} ${args[0] ?? ""} failed (exit ${String(result.code)}):\n${tail}`);
  }
  return result;
}
