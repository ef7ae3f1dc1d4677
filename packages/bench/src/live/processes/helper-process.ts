import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Answer, Answers } from "./answer-parent.ts";
import { bareEnv } from "./env.ts";

const ANSWERS_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 12_000;

interface Start {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Node's own options. */
  readonly nodeOptions?: readonly string[];
}

interface Waiting {
  resolve(output: unknown): void;
  reject(error: Error): void;
}

/** A process of ours that answers questions (`answerParent`). It never outlives this one. */
export class HelperProcess<A extends Answers> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #isStopping = false;

  constructor(script: string, { args = [], env = {}, nodeOptions = [] }: Start = {}) {
    this.#name = script.split("/").slice(-2).join("/");
    this.#child = spawn(process.execPath, ["--no-warnings", ...nodeOptions, script, ...args], {
      env: { ...bareEnv(), ...env },
      // What an operator collects is read by nobody here, but it is written.
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      serialization: "advanced",
    });
    this.#child.on("message", ({ answered, output, failure }: Answer) => {
      const waiting = this.#waiting.get(answered);
      this.#waiting.delete(answered);
      if (failure === undefined) {
        waiting?.resolve(output);
      } else {
        waiting?.reject(new Error(`${this.#name}: ${failure}`));
      }
    });
    this.#child.on("exit", (code, signal) => {
      const error = new Error(`${this.#name} ended with ${code ?? signal}`);
      if (!this.#isStopping) {
        console.error(error.message);
      }
      this.#waiting.forEach(({ reject }) => reject(error));
      this.#waiting.clear();
    });
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** @throws when the process fails, ends or takes longer than a minute. */
  ask<K extends keyof A & string>(name: K, ...input: Parameters<A[K]>): Promise<Awaited<ReturnType<A[K]>>> {
    return this.askWithin(ANSWERS_WITHIN_MS, name, ...input);
  }

  /** As `ask`, for what takes its time. */
  async askWithin<K extends keyof A & string>(
    withinMs: number,
    name: K,
    ...[input]: Parameters<A[K]>
  ): Promise<Awaited<ReturnType<A[K]>>> {
    this.#asked += 1;
    const number = this.#asked;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(number, { resolve, reject });
    const late = setTimeout(() => {
      this.#waiting.delete(number);
      reject(new Error(`${this.#name} did not answer "${name}" in time`));
    }, withinMs);
    try {
      this.#child.send({ ask: name, number, input }, (error) => error && reject(error));
      return (await promise) as Awaited<ReturnType<A[K]>>;
    } finally {
      clearTimeout(late);
    }
  }

  /** SIGTERM, and SIGKILL for one that does not listen. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    if (this.hasExited) {
      return;
    }
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const late = setTimeout(() => this.#child.kill("SIGKILL"), STOPS_WITHIN_MS);
    await exited;
    clearTimeout(late);
  }
}
