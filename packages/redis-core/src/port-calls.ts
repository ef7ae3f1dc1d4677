import { OutcomeUnknown, RedisCoreError, RedisUnavailable } from "./errors.ts";
import type { BatchItem, BatchResult, CallOptions, RedisArgument, RedisReply } from "./port.ts";
import { isNoScript } from "./reply-error.ts";
import { assertOneSlot } from "./script/assert-one-slot.ts";
import type { Script } from "./script/define-script.ts";

/** Sends a command; the words of its arguments begin with its keys. `what` names it in errors. */
export type SendWords = (name: string, args: readonly RedisArgument[], what: string) => Promise<RedisReply>;

/** One run of a script, and whether its keys are to be looked at first. */
export interface ScriptRun {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly RedisArgument[];
  readonly options: CallOptions;
  readonly checkSlots: boolean;
}

/**
 * Runs a script by its digest, and sends its text where the server has forgotten it: then it has not run yet, so
 * it runs once all the same.
 *
 * @throws Misuse where slots are checked and its keys lie in several.
 */
export async function runByDigest(
  { script, keys, args, options, checkSlots }: ScriptRun,
  send: SendWords,
): Promise<RedisReply> {
  if (checkSlots && options.anySlot !== true) {
    assertOneSlot(script, options.callKeys ?? [keys]);
  }
  const tail = [keys.length, ...keys, ...args];
  try {
    return await send("EVALSHA", [script.sha1, ...tail], script.name);
  } catch (error) {
    if (!isNoScript(error)) {
      throw error;
    }
    return await send("EVAL", [script.source, ...tail], script.name);
  }
}

/** A batch of a client that pipelines by itself: all leave before the first answers, each has its own result. */
export function sendUnawaited(
  items: readonly BatchItem[],
  send: (item: BatchItem) => Promise<RedisReply>,
): Promise<BatchResult[]> {
  return Promise.all(
    items.map(async (item): Promise<BatchResult> => {
      try {
        return { ok: true, reply: await send(item) };
      } catch (cause) {
        return { ok: false, error: cause instanceof Error ? cause : new RedisUnavailable(String(cause)) };
      }
    }),
  );
}

/**
 * Waits for the replicas that a write asked for. `ask` sends WAIT over the connection that the write took: it
 * counts the writes of its own connection only.
 */
export async function awaitReplicas(
  wanted: number | undefined,
  deadlineMs: number,
  ask: (name: string, args: readonly RedisArgument[], options: CallOptions) => Promise<RedisReply>,
): Promise<void> {
  if (wanted === undefined || wanted === 0) {
    return;
  }
  let acknowledged: RedisReply;
  try {
    acknowledged = await ask("WAIT", [wanted, deadlineMs], { deadlineMs: deadlineMs * 2 });
  } catch (error) {
    if (error instanceof RedisCoreError) {
      const message = `written, but its replicas could not be asked: ${error.message}`;
      throw new OutcomeUnknown(message, { cause: error });
    }
    throw error;
  }
  if (Number(acknowledged) < wanted) {
    throw new OutcomeUnknown(`written, but ${String(acknowledged)} of ${wanted} replicas acknowledged it`);
  }
}
