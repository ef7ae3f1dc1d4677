import { TRPCError, type TRPCProcedureType } from "@trpc/server";
import { parseConnectionParamsFromUnknown } from "@trpc/server/http";
import type { TRPCClientOutgoingMessage } from "@trpc/server/rpc";
import { withLastEventId } from "../call-input.ts";
import type { CallId } from "./wire.ts";

export type ConnectionParams = Readonly<Record<string, string | undefined>> | null;

/** One call of a client. */
export interface Call {
  readonly id: CallId;
  readonly jsonrpc: "2.0" | undefined;
  readonly type: TRPCProcedureType;
  readonly path: string;
  readonly input: unknown;
  /** Its place in a batch. */
  readonly index: number;
}

type CallMessage = Exclude<TRPCClientOutgoingMessage, { method: "subscription.stop" }>;

export function toCall(id: CallId, { jsonrpc, method, params }: CallMessage, index: number): Call {
  return { id, jsonrpc, type: method, path: params.path, input: withLastEventId(params.input, params.lastEventId), index };
}

/** tRPC's messages are text. @throws {SyntaxError} */
export function parse(text: string | null): unknown {
  if (text === null) {
    throw new SyntaxError("Send text, not binary data.");
  }
  return JSON.parse(text);
}

/** @throws {TRPCError} PARSE_ERROR */
export function parseParams(text: string | null): ConnectionParams {
  try {
    const message = parse(text);
    if (typeof message !== "object" || message === null || Array.isArray(message)) {
      throw new TypeError("Message was not an object");
    }
    return parseConnectionParamsFromUnknown("data" in message ? message.data : undefined);
  } catch (cause) {
    if (cause instanceof TRPCError) {
      throw cause;
    }
    throw new TRPCError({ code: "PARSE_ERROR", message: "Malformed TRPCConnectionParamsMessage", cause });
  }
}
