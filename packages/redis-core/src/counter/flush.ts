import { type CoreContext, runOn } from "../context.ts";
import { toPositiveMs } from "../duration.ts";
import { Misuse, RedisReplyError } from "../errors.ts";
import { randomHex } from "../random.ts";
import type { FlushClaim, FlushOptions, FlushResult, FlushWork } from "./flush-types.ts";
import { claimScript, settleScript } from "./scripts.ts";

const largestBatch = 5_000;

/** See `Counter.flush`. */
export async function flushCounter(
  context: CoreContext,
  counter: string,
  keepMs: number,
  store: FlushWork,
  { batch = 1_000, lease = "30s", signal }: FlushOptions = {},
): Promise<FlushResult> {
  if (!Number.isSafeInteger(batch) || batch < 1 || batch > largestBatch) {
    throw new Misuse(`batch must be a whole number from 1 to ${largestBatch}, got ${batch}`);
  }
  const leaseMs = toPositiveMs(lease, "lease");
  const done = { claims: 0, items: 0 };
  for (;;) {
    signal?.throwIfAborted();
    const holder = randomHex();
    const claimed = await claim(context, counter, { holder, lease: leaseMs, batch, keep: keepMs });
    if (claimed === null || typeof claimed === "number") {
      return { ...done, busyUntilMs: claimed };
    }
    try {
      await store(claimed);
    } catch (error) {
      // Redis being away is no error here: the lease ends by itself.
      await settle(context, counter, claimed, holder, "free").catch(() => undefined);
      throw error;
    }
    await settle(context, counter, claimed, holder, "stored");
    done.claims += 1;
    done.items += claimed.counts.size;
    if (claimed.counts.size < batch && !claimed.isRepeated) {
      return { ...done, busyUntilMs: null };
    }
  }
}

/** A claim, until when somebody else has it, or null when nothing is pending. */
async function claim(
  context: CoreContext,
  counter: string,
  args: { readonly holder: string; readonly lease: number; readonly batch: number; readonly keep: number },
): Promise<FlushClaim | number | null> {
  const keys = context.keys.counter;
  const reply = await runOn(
    context,
    "state",
    claimScript,
    { keys: { pending: keys.pending(counter), claim: keys.claim(counter) }, args },
    { resend: "once" },
  );
  const [state, number, counts, isRepeated] = Array.isArray(reply) ? reply : [];
  switch (state) {
    case "empty":
      return null;
    case "busy":
      return Number(number);
    case "claimed":
      return {
        counter,
        number: Number(number),
        counts: toCounts(String(counts)),
        isRepeated: isRepeated === "1",
      };
    default:
      throw new RedisReplyError(`UNEXPECTED ${claimScript.name} answered ${JSON.stringify(reply)}`);
  }
}

async function settle(
  context: CoreContext,
  counter: string,
  { number }: FlushClaim,
  holder: string,
  outcome: "stored" | "free",
): Promise<void> {
  await runOn(
    context,
    "state",
    settleScript,
    { keys: { claim: context.keys.counter.claim(counter) }, args: { number, holder, outcome } },
    { resend: "once" },
  );
}

function toCounts(json: string): Map<string, number> {
  const flat: unknown = JSON.parse(json);
  const counts = new Map<string, number>();
  for (let index = 0; Array.isArray(flat) && index + 1 < flat.length; index += 2) {
    counts.set(String(flat[index]), Number(flat[index + 1]));
  }
  return counts;
}
