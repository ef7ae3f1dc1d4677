import { OutcomeUnknown } from "../errors.ts";
import type { CallOptions, RedisArgument, RedisPort, RedisReply } from "../port.ts";
import { toReplyError } from "../reply-error.ts";
import type { Script } from "./define-script.ts";

/** Calls that leave together at most: more would keep a single-threaded server from everybody else. */
const mostCalls = 64;
/** Characters of arguments that leave together at most. */
const mostText = 65_536;

interface Waiting {
  resolve(reply: RedisReply): void;
  reject(error: unknown): void;
}

/** Calls of one script that can be made in one run. */
interface Gathering {
  readonly script: Script;
  readonly many: Script;
  readonly options: CallOptions;
  readonly slot: number;
  readonly keysEach: number;
  readonly argsEach: number;
  readonly keys: string[];
  /** Clock, number of calls, then each call's arguments. */
  readonly args: RedisArgument[];
  readonly waiting: Waiting[];
  textLength: number;
}

/**
 * Lets the calls of one script that are made in one turn of the event loop leave in one run (as many as share a
 * slot, on a Cluster). Each is atomic by itself and has its own reply and error, as if it had left alone; what a
 * run costs, on both sides, is paid once. A call that nobody accompanies leaves as it is, and nothing waits longer
 * than the turn.
 */
export function gatherCalls(port: RedisPort): RedisPort {
  const gatherer = new Gatherer(port);
  return {
    get capabilities() {
      return port.capabilities;
    },
    command: (name, keys, args, options) => port.command(name, keys, args, options),
    batch: (items, options) => port.batch(items, options),
    run: (script, keys, args, options) => gatherer.run(script, keys, args, options),
    subscribe: (channels, handlers) => port.subscribe(channels, handlers),
    eachMaster: (fn) => port.eachMaster(fn),
    slotOf: (key) => port.slotOf(key),
    close: () => port.close(),
  };
}

class Gatherer {
  readonly #port: RedisPort;
  #open: Gathering[] = [];

  constructor(port: RedisPort) {
    this.#port = port;
  }

  run(
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options: CallOptions = {},
  ): Promise<RedisReply> {
    const textLength = lengthOf(args);
    if (!script.many || options.signal || options.waitReplicas || textLength > mostText) {
      return this.#port.run(script, keys, args, options);
    }
    const gathering = this.#gatheringFor(script, script.many, keys, args, options);
    for (const key of keys) {
      gathering.keys.push(key);
    }
    for (let index = 1; index < args.length; index += 1) {
      gathering.args.push(args[index] ?? "");
    }
    gathering.textLength += textLength;
    return new Promise((resolve, reject) => {
      gathering.waiting.push({ resolve, reject });
      if (gathering.waiting.length === mostCalls || gathering.textLength > mostText) {
        this.#open.splice(this.#open.indexOf(gathering), 1);
        void this.#leave(gathering);
      }
    });
  }

  #gatheringFor(
    script: Script,
    many: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options: CallOptions,
  ): Gathering {
    const slot =
      this.#port.capabilities.topology === "cluster" && keys[0] !== undefined ? this.#port.slotOf(keys[0]) : 0;
    for (const open of this.#open) {
      if (
        open.script === script &&
        open.keysEach === keys.length &&
        open.argsEach === args.length - 1 &&
        open.slot === slot &&
        open.args[0] === args[0] &&
        areAlike(open.options, options)
      ) {
        return open;
      }
    }
    const gathering: Gathering = {
      script,
      many,
      options,
      slot,
      keysEach: keys.length,
      argsEach: args.length - 1,
      keys: [],
      args: [args[0] ?? "", 0],
      waiting: [],
      textLength: 0,
    };
    if (this.#open.length === 0) {
      atEndOfTurn(() => this.#leaveAll());
    }
    this.#open.push(gathering);
    return gathering;
  }

  #leaveAll(): void {
    const leaving = this.#open;
    this.#open = [];
    for (const gathering of leaving) {
      void this.#leave(gathering);
    }
  }

  async #leave({ script, many, options, keysEach, keys, args, waiting }: Gathering): Promise<void> {
    try {
      const [only] = waiting;
      if (only && waiting.length === 1) {
        args.splice(1, 1);
        only.resolve(await this.#port.run(script, keys, args, options));
        return;
      }
      args[1] = waiting.length;
      const reply = await this.#port.run(many, keys, args, { ...options, keysPerCall: keysEach });
      settle(script, waiting, reply);
    } catch (error) {
      for (const { reject } of waiting) {
        reject(error);
      }
    }
  }
}

function settle(script: Script, waiting: readonly Waiting[], reply: RedisReply): void {
  if (!Array.isArray(reply) || reply.length !== waiting.length + 1) {
    throw new OutcomeUnknown(`${script.name}: the reply of ${waiting.length} calls has another shape`);
  }
  const [faults] = reply;
  if (typeof faults === "string" && faults !== "") {
    for (const line of faults.split("\n")) {
      const [, index, message = ""] = /^(\d+) (?:@?user_script:\s?\d+: )?(.*)$/.exec(line) ?? [];
      waiting[Number(index)]?.reject(toReplyError(message, script.name));
    }
  }
  for (const [index, { resolve }] of waiting.entries()) {
    resolve(reply[index + 1] ?? null);
  }
}

function areAlike(a: CallOptions, b: CallOptions): boolean {
  return a === b || (a.deadlineMs === b.deadlineMs && a.resend === b.resend && a.anySlot === b.anySlot);
}

function lengthOf(args: readonly RedisArgument[]): number {
  let length = 0;
  for (const arg of args) {
    length += typeof arg === "string" ? arg.length : 8;
  }
  return length;
}

/** After all that the turn's promises have to do. Where the platform has no such queue, two microtasks later. */
export const atEndOfTurn: (work: () => void) => void =
  typeof globalThis.process?.nextTick === "function"
    ? (work) => globalThis.process.nextTick(work)
    : (work) => queueMicrotask(() => queueMicrotask(work));
