import { OutcomeUnknown, RedisCoreError, RedisUnavailable } from "../errors.ts";
import { toReplyError } from "../reply-error.ts";

/**
 * Sorts what ioredis rejects with. A reply from the server is one of its own errors; anything else is the
 * connection's, and then it matters only whether the command had been sent.
 */
export function toCoreError(error: unknown, sent: boolean, what: string): RedisCoreError {
  if (error instanceof RedisCoreError) {
    return error;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (isServerError(error)) {
    return toReplyError(message, what, { cause: error });
  }
  return sent
    ? new OutcomeUnknown(`${what}: sent, but no reply came: ${message}`, { cause: error })
    : new RedisUnavailable(`${what}: not sent: ${message}`, { cause: error });
}

/** A reply from the server, of whatever kind; never a failure of the connection. */
export function isServerError(error: unknown): error is Error {
  return error instanceof Error && error.name === "ReplyError";
}

/** Throws what a subscription failed with: the server's refusal as a `RedisCoreError`, anything else as it is. */
export function toRefusal(error: unknown): never {
  throw isServerError(error) ? toReplyError(error.message, "subscribe", { cause: error }) : error;
}
