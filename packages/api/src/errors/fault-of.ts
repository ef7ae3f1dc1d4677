import type { TRPC_ERROR_CODE_KEY } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { reasonOf } from "./format-error.ts";
import type { Reason } from "./reasons.ts";
import { toTrpcError } from "./to-trpc-error.ts";

export interface Fault {
  readonly status: number;
  readonly code: TRPC_ERROR_CODE_KEY;
  readonly reason: Reason;
  readonly message: string;
}

/** What a caller outside tRPC is told of an error; null for an internal one, whose text nobody sees. */
export function faultOf(error: unknown): Fault | null {
  const known = toTrpcError(error);
  const reason = reasonOf(known);
  if (reason === "INTERNAL") {
    return null;
  }
  return { status: getHTTPStatusCodeFromError(known), code: known.code, reason, message: known.message };
}
