import type { Cluster, Redis } from "ioredis";
import type { RedisArgument, RedisReply } from "../port.ts";
import { type CallLimits, sendWithin } from "../send-within.ts";
import { replyOf, TrackedCommand } from "./tracked-command.ts";
import { toCoreError } from "./to-core-error.ts";

/** Sends one command and settles within its deadline, whatever happens to the connection. */
export function sendCommand(
  client: Redis | Cluster,
  command: readonly [string, ...RedisArgument[]],
  limits: CallLimits,
  what: string,
): Promise<RedisReply> {
  return sendWithin(limits, (each) => sendOnce(client, command, each, what));
}

async function sendOnce(
  client: Redis | Cluster,
  [name, ...args]: readonly [string, ...RedisArgument[]],
  { deadlineMs, signal }: CallLimits,
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
 * run. Once sent, such an end goes straight to the caller; redirections still pass, and count as not sent.
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

/**
 * A node that answers so has not run the command. After TRYAGAIN and CLUSTERDOWN it has not either, but ioredis sends
 * it again later, even when its deadline has passed by then: its outcome stays unknown.
 */
function isRedirection(error: Error): boolean {
  return /^(MOVED|ASK)\b/.test(error.message);
}
