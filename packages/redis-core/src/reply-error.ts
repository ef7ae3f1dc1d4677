import { RedisReplyError, RedisUnavailable } from "./errors.ts";

/** Replies with which the server refuses a command before running any of it. */
const refusals =
  /^(LOADING|READONLY|OOM|MISCONF|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|TRYAGAIN|BUSY|NOAUTH|WRONGPASS)\b/;

/** The error for a reply of the server's own: a refusal, after which nothing has changed, or any other. */
export function toReplyError(
  message: string,
  what: string,
  options?: ErrorOptions,
): RedisUnavailable | RedisReplyError {
  return refusals.test(message)
    ? new RedisUnavailable(`${what}: refused by Redis: ${message}`, options)
    : new RedisReplyError(message, options);
}

/** The server has not run the script because it does not have it. */
export function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}
