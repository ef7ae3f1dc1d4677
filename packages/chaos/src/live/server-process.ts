import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** What a server of a chaos world is started with. */
export interface ServerOptions {
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  /** How often heads are compared with the log; the product's own is 5 s. */
  readonly checkEveryMs: number;
  readonly lingerMs: number;
  /** How long it may take to hand its clients over when it is told to stop. */
  readonly graceMs: number;
}

/** What a server holds, after its garbage was collected. */
export interface ServerFigures {
  readonly rssBytes: number;
  /** The heap and what hangs on it outside. */
  readonly heapBytes: number;
  /** What slow WebSocket readers have not taken. */
  readonly bufferedBytes: number;
  readonly sockets: number;
  readonly streams: number;
  readonly holds: number;
  readonly topics: number;
  readonly watchedSessions: number;
  /** Events of rooms that came with their doorbell, since it was started. */
  readonly heardEvents: number;
  /** Reads of rooms' logs, since it was started. */
  readonly logReads: number;
}

/** One server as a process of its own, which ends with this one. */
export class ServerProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when it listens. Rejects when it ends before that. */
  static async start(options: ServerOptions): Promise<ServerProcess> {
    const child = spawn(
      process.execPath,
      ["--expose-gc", join(import.meta.dirname, "server-main.ts"), JSON.stringify(options)],
      { stdio: ["ignore", "ignore", "inherit", "ipc"] },
    );
    const exited = once(child, "exit").then(([code]) => {
      throw new Error(`a server ended with ${String(code)} before it listened`);
    });
    await Promise.race([once(child, "message"), exited]);
    exited.catch(() => {});
    return new ServerProcess(child);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** As a power cut: nothing is told, nothing is finished. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  /** Hands its clients over and ends. */
  drain(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** Takes its processor away, or gives it back. */
  setFrozen(isFrozen: boolean): void {
    this.#child.kill(isFrozen ? "SIGSTOP" : "SIGCONT");
  }

  /** One question at a time. */
  async figures(): Promise<ServerFigures> {
    const answer = once(this.#child, "message");
    this.#child.send("figures");
    const [figures]: ServerFigures[] = await answer;
    if (figures === undefined) throw new TypeError("a server answered nothing");
    return figures;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) return;
    const exited = once(this.#child, "exit");
    this.#child.kill(signal);
    await exited;
  }
}
