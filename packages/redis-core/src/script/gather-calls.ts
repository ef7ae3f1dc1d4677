import { OutcomeUnknown } from "../errors.ts";
import type { CallOptions, RedisArgument, RedisPort, RedisReply } from "../port.ts";
import { toReplyError } from "../reply-error.ts";
import type { Script } from "./define-script.ts";

/**
 * Calls that leave together at most. More would save little, keep a single-threaded server from everybody else,
 * and leave it idle while this process prepares the next.
 */
const mostCalls = 32;
/** Characters of arguments that leave together at most. */
const mostText = 65_536;

interface Call {
  readonly keys: readonly string[];
  readonly args: readonly RedisArgument[];
  resolve(reply: RedisReply): void;
  reject(error: unknown): void;
}

/** Calls of one script that can be made in one run. */
interface Gathering {
  readonly script: Script;
  readonly many: Script;
  readonly options: CallOptions;
  readonly slot: number;
  readonly first: Pick<Call, "keys" | "args">;
  readonly calls: Call[];
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
    subscribe: (channels, handlers, mode) => port.subscribe(channels, handlers, mode),
    hasShardedPubSub: () => port.hasShardedPubSub(),
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
    const gathering = this.#gatheringFor(script, script.many, { keys, args }, options);
    gathering.textLength += textLength;
    return new Promise((resolve, reject) => {
      gathering.calls.push({ keys, args, resolve, reject });
      if (gathering.calls.length === mostCalls || gathering.textLength > mostText) {
        this.#open.splice(this.#open.indexOf(gathering), 1);
        void this.#leave(gathering);
      }
    });
  }

  #gatheringFor(
    script: Script,
    many: Script,
    first: Pick<Call, "keys" | "args">,
    options: CallOptions,
  ): Gathering {
    const [key] = first.keys;
    const isCluster = this.#port.capabilities.topology === "cluster";
    const slot = isCluster && key !== undefined ? this.#port.slotOf(key) : 0;
    for (const open of this.#open) {
      if (open.script === script && open.slot === slot && haveSameShape(open.first, first)) {
        if (areAlike(open.options, options)) {
          return open;
        }
      }
    }
    const gathering: Gathering = { script, many, options, slot, first, calls: [], textLength: 0 };
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

  async #leave({ script, many, options, calls }: Gathering): Promise<void> {
    try {
      const [only] = calls;
      if (only && calls.length === 1) {
        only.resolve(await this.#port.run(script, only.keys, only.args, options));
        return;
      }
      const callKeys = calls.map((call) => call.keys);
      const { keys, args } = combine(calls, callKeys);
      settle(script, calls, await this.#port.run(many, keys, args, { ...options, callKeys }));
    } catch (error) {
      for (const { reject } of calls) {
        reject(error);
      }
    }
  }
}

/** Keys and arguments of a run of the many form: what all calls have in common is sent once. */
function combine(
  calls: readonly Call[],
  keyLists: readonly (readonly string[])[],
): { keys: string[]; args: RedisArgument[] } {
  const argLists = calls.map(({ args }) => args);
  const ownKeys: number[] = [];
  const ownArgs: number[] = [];
  const keys: string[] = [];
  const args: RedisArgument[] = [argLists[0]?.[0] ?? "", calls.length, "", ""];
  args[2] = sortColumns(argLists, 1, ownArgs, args);
  args[3] = sortColumns(keyLists, 0, ownKeys, keys);
  for (const call of calls) {
    for (const column of ownKeys) {
      keys.push(call.keys[column] ?? "");
    }
    for (const column of ownArgs) {
      args.push(call.args[column] ?? "");
    }
  }
  return { keys, args };
}

/** Pushes the columns that are the same in all lists to `same`, their own ones' indexes to `own`. */
function sortColumns<T>(lists: readonly (readonly T[])[], from: number, own: number[], same: T[]): string {
  const [first = []] = lists;
  let kinds = "";
  for (let column = from; column < first.length; column += 1) {
    const value = first[column];
    if (value !== undefined && lists.every((list) => list[column] === value)) {
      kinds += "s";
      same.push(value);
    } else {
      kinds += "o";
      own.push(column);
    }
  }
  return kinds;
}

function settle(script: Script, calls: readonly Call[], reply: RedisReply): void {
  if (!Array.isArray(reply) || reply.length !== calls.length + 1) {
    throw new OutcomeUnknown(`${script.name}: the reply of ${calls.length} calls has another shape`);
  }
  const [faults] = reply;
  if (typeof faults === "string" && faults !== "") {
    for (const line of faults.split("\n")) {
      const [, index, message = ""] = /^(\d+) (?:@?user_script:\s?\d+: )?(.*)$/.exec(line) ?? [];
      calls[Number(index)]?.reject(toReplyError(message, script.name));
    }
  }
  for (const [index, { resolve }] of calls.entries()) {
    resolve(reply[index + 1] ?? null);
  }
}

function haveSameShape(a: Pick<Call, "keys" | "args">, b: Pick<Call, "keys" | "args">): boolean {
  return a.keys.length === b.keys.length && a.args.length === b.args.length && a.args[0] === b.args[0];
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
