import type { CallOptions, RedisArgument, RedisPort, RedisReply } from "../../src/index.ts";
import { OutcomeUnknown } from "../../src/index.ts";
import type { Script } from "../../src/script/define-script.ts";

export interface FaultyPort {
  readonly port: RedisPort;
  /** The next run of a script fails for its caller; it arrives when it is let go. */
  holdNext(script: RegExp): { arrive(): Promise<RedisReply> };
  /** The next run of a script goes through, and arrives a second time when the copy is let go. */
  copyNext(script: RegExp): { arrive(): Promise<RedisReply> };
  /** The same port, which never hears that it is subscribed. */
  deaf(): RedisPort;
  /** Resolves when a script has run. */
  ran(script: RegExp): Promise<void>;
}

/** A real port with a connection on which a call may be stuck until long after its caller has given it up. */
export function faultyPort(real: RedisPort): FaultyPort {
  let held: { script: RegExp; isCopy: boolean; send?: () => Promise<RedisReply> } | undefined;
  const listeners = new Map<RegExp, () => void>();
  const run = async (
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
    options?: CallOptions,
  ): Promise<RedisReply> => {
    if (held && !held.send && held.script.test(script.name)) {
      held.send = () => real.run(script, keys, args, options);
      if (!held.isCopy) {
        throw new OutcomeUnknown("the connection is stuck");
      }
    }
    const reply = await real.run(script, keys, args, options);
    for (const [pattern, listener] of listeners) {
      if (pattern.test(script.name)) {
        listener();
      }
    }
    return reply;
  };
  const catchNext = (script: RegExp, isCopy: boolean) => {
    const caught: typeof held = { script, isCopy };
    held = caught;
    return { arrive: () => caught.send?.() ?? Promise.reject(new Error("nothing was sent")) };
  };
  return {
    port: { ...bound(real), run },
    holdNext: (script) => catchNext(script, false),
    copyNext: (script) => catchNext(script, true),
    deaf: () => ({ ...bound(real), subscribe: () => new Promise(() => {}) }),
    ran: (script) =>
      new Promise((resolve) => {
        listeners.set(script, resolve);
      }),
  };
}

function bound(real: RedisPort): RedisPort {
  return {
    get capabilities() {
      return real.capabilities;
    },
    command: (...call) => real.command(...call),
    batch: (...call) => real.batch(...call),
    run: (...call) => real.run(...call),
    subscribe: (...call) => real.subscribe(...call),
    hasShardedPubSub: () => real.hasShardedPubSub(),
    eachMaster: (fn) => real.eachMaster(fn),
    slotOf: (key) => real.slotOf(key),
    close: () => real.close(),
  };
}
