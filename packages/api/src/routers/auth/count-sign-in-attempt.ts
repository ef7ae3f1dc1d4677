import type { RequestContext } from "../../context/request-context.ts";
import { consumeLimit } from "../../policies/consume-limit.ts";

/**
 * Counts a sign-in by account and address, and by account alone, before the password is looked at: parallel
 * guesses are counted like any others. `giveBack` returns what a success had cost, the address' own count
 * included.
 *
 * @throws {RateLimited} whether or not the account exists.
 */
export async function countSignInAttempt(
  request: RequestContext,
  login: string,
): Promise<{ giveBack(): Promise<void> }> {
  const here = { address: `${login} ${request.address}` };
  const anywhere = { address: login };
  await consumeLimit(request, "sign-in-account", here);
  await consumeLimit(request, "sign-in-anywhere", anywhere);
  return {
    async giveBack() {
      const { limits, log } = request.deps;
      const refunds = await Promise.allSettled([
        limits.refund("sign-in-account", here),
        limits.refund("sign-in-anywhere", anywhere),
        limits.refund("sign-in", { address: request.address }),
      ]);
      if (refunds.some(({ status }) => status === "rejected")) {
        log.warn({ requestId: request.requestId }, "a successful sign-in could not be given back");
      }
    },
  };
}
