import type { Redis } from "@upstash/redis";
import { Misuse } from "../errors.ts";

/** What carries an Upstash client's requests: a member of the client that its own types call protected. */
export interface Requester {
  request(request: {
    readonly path?: string[];
    readonly body: unknown;
    readonly signal: AbortSignal;
  }): Promise<unknown>;
}

/**
 * The requester of a client. Below the client's commands, replies are as Redis gave them (no guessing at
 * JSON), nothing is gathered into pipelines unasked, and each request takes a signal of its own.
 *
 * @throws Misuse when the client would send a request again by itself.
 */
export function requesterOf(client: Redis): Requester {
  const requester: unknown = Reflect.get(client, "client");
  if (!isRequester(requester)) {
    throw new Misuse("this is no client of @upstash/redis 1.39 or later: it has no requester");
  }
  if (retriesOf(requester) !== 0) {
    // `retry: false` is not enough: the client then still tries twice.
    throw new Misuse("the Upstash client must be made with retry: { retries: 0 }, or a write may run twice");
  }
  return requester;
}

function isRequester(value: unknown): value is Requester {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "request") === "function";
}

/** A requester of the caller's own has no such setting, and is trusted. */
function retriesOf(requester: object): unknown {
  const retry: unknown = Reflect.get(requester, "retry");
  return typeof retry === "object" && retry !== null ? Reflect.get(retry, "attempts") : 0;
}
