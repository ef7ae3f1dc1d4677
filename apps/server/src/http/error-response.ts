import type { Response } from "express";

/** The errors the server raises itself, before or beside tRPC, in the form tRPC's own have. */
interface HttpFault {
  readonly status: number;
  readonly code: string;
  readonly reason: string;
  readonly message: string;
}

/** Answers with the same JSON whatever went wrong, so that a client has one way to read errors. */
export function sendFault(response: Response, fault: HttpFault): void {
  response.status(fault.status).set("cache-control", "no-store").json({
    error: {
      message: fault.message,
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
