import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import type { Response } from "express";

/** The errors the server raises itself, before or beside tRPC, in the form tRPC's own have. */
interface HttpFault {
  readonly status: number;
  readonly code: keyof typeof TRPC_ERROR_CODES_BY_KEY;
  readonly reason: string;
  readonly message: string;
}

/** Answers with the same JSON whatever went wrong, so that a client has one way to read errors. */
export function sendFault(response: Response, fault: HttpFault): void {
  response
    .status(fault.status)
    .set("cache-control", "no-store")
    .json({
      error: {
        message: fault.message,
        code: TRPC_ERROR_CODES_BY_KEY[fault.code],
        data: {
          code: fault.code,
          httpStatus: fault.status,
          path: null,
          reason: fault.reason,
          requestId: response.locals["requestId"] ?? null,
          rateLimit: null,
          issues: null,
          stack: null,
        },
      },
    });
}
