import { setTimeout as delay } from "node:timers/promises";
import type { Cluster, Redis } from "ioredis";
import { OutcomeUnknown, RedisUnavailable } from "../errors.ts";
import type { CallOptions, RedisArgument, RedisReply } from "../port.ts";
import { replyOf, TrackedCommand } from "./tracked-command.ts";
import { toCoreError } from "./to-core-error.ts";

const notSentPauseMs = 25;

type Limits = CallOptions & { readonly deadlineMs: number };

/**
 * Sends one command and settles within its deadline, whatever happens to the connection. A call marked
 * `resend: "once"` is sent again after a lost reply, as soon as the connection is back and while the
 * deadline allows.
 */
export async function sendCommand(
  client: Redis | Cluster,
  command: readonly [string, ...RedisArgument[]],
  limits: Limits,
  what: string,
): Promise<RedisReply> {
  limits.signal?.throwIfAborted();
  const endsAt = performance.now() + limits.deadlineMs;
  try {
    return await sendOnce(client, command, limits, what);
  } catch (error) {
    if (limits.resend === "once" && error instanceof OutcomeUnknown) {
      return await sendAgain(client, command, { limits, endsAt, what, lost: error });
    }
    throw error;
  }
}

/** Tries until the command has left once more. Whatever prevents that, its first sending may have run. */
async function sendAgain(
  client: Redis | Cluster,
  command: readonly [string, ...RedisArgument[]],
  { limits, endsAt, what, lost }: { limits: Limits; endsAt: number; what: string; lost: OutcomeUnknown },
): Promise<RedisReply> {
  for (;;) {
    await untilReady(client, endsAt - performance.now(), limits.signal, lost);
    const deadlineMs = Math.ceil(endsAt - performance.now());
    if (deadlineMs < 1) {
      throw lost;
    }
    try {
      return await sendOnce(client, command, { ...limits, deadlineMs }, what);
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) {
        throw error;
      }
    }
    // A Cluster is ready before the node that was lost is: look again soon.
    await delay(notSentPauseMs);
  }
}

async function sendOnce(
  client: Redis | Cluster,
  [name, ...args]: readonly [string, ...RedisArgument[]],
  { deadlineMs, signal }: Limits,
  what: string,
): Promise<RedisReply> {
  const command = new TrackedCommand(name.toLowerCase(), args);
  const rejectDirectly = command.reject;
  const abort = () => rejectDirectly(signal?.reason as Error);
  signal?.addEventListener("abort", abort, { once: true });
  command.setTimeout(deadlineMs);
  try {
    void client.sendCommand(command);
    keepFromResending(command, rejectDirectly);
    return await replyOf(command);
  } catch (error) {
    signal?.throwIfAborted();
    throw toCoreError(error, command.sent, what);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/**
 * ioredis' Cluster sends a command again when its connection closes, although the first sending may have
 * run. Once sent, such an end goes straight to the caller; redirections still pass, and undo the sending.
 */
function keepFromResending(command: TrackedCommand, rejectDirectly: (error: Error) => void): void {
  const reject = command.reject;
  if (reject === rejectDirectly) {
    return;
  }
  command.reject = (error: Error) => {
    if (command.sent && error.message === "Connection is closed.") {
      rejectDirectly(error);
    } else {
      if (isRedirection(error)) {
        command.sent = false;
      }
      reject.call(command, error);
    }
  };
}

/** A node that answers so has not run the command. */
function isRedirection(error: Error): boolean {
  return /^(MOVED|ASK) /.test(error.message);
}

/** Errors of single attempts to connect do not end the wait: only the deadline and the signal do. */
async function untilReady(
  client: Redis | Cluster,
  withinMs: number,
  signal: AbortSignal | undefined,
  otherwise: Error,
): Promise<void> {
  if (client.status === "ready") {
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const settle = (finish: () => void) => () => {
      clearTimeout(timer);
      client.off("ready", onReady);
      signal?.removeEventListener("abort", onAbort);
      finish();
    };
    const onReady = settle(resolve);
    const onAbort = settle(() => reject(signal?.reason as Error));
    const timer = setTimeout(
      settle(() => reject(otherwise)),
      withinMs,
    );
    client.once("ready", onReady);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
