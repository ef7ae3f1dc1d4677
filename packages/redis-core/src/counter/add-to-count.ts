import { type CoreContext, runOn } from "../context.ts";
import { Misuse } from "../errors.ts";
import { checkItem } from "./check-item.ts";
import type { IncrementOptions } from "./counter-types.ts";
import { incrementScript } from "./scripts.ts";

/** A counter's options made exact. 0 stands for what it does not have. */
interface CountTarget {
  readonly name: string;
  readonly keepMs: number;
  readonly dedupeMs: number;
  readonly forgetMs: number;
  readonly halfLifeMs: number;
  readonly maxItems: number;
  readonly writeBehind: boolean;
}

/** See `Counter.increment` and `Counter.decrement`; the latter takes a viewer back. One round trip. */
export async function addToCount(
  context: CoreContext,
  { name, keepMs, dedupeMs, forgetMs, halfLifeMs, maxItems, writeBehind }: CountTarget,
  item: string,
  { by, viewer, operationId }: IncrementOptions & { readonly by: number },
  takesBack: boolean,
): Promise<number> {
  checkItem(item);
  if (!Number.isSafeInteger(by)) {
    throw new Misuse(`by must be a whole number, got ${by}`);
  }
  const keys = context.keys.counter;
  const values = keys.values(name);
  const restKeys: string[] = [];
  if (writeBehind) {
    restKeys.push(keys.pending(name));
  }
  if (halfLifeMs > 0) {
    restKeys.push(keys.trend(name));
  }
  if (forgetMs > 0) {
    restKeys.push(keys.touched(name));
  }
  const count = await runOn(
    context,
    "state",
    incrementScript,
    {
      keys: {
        values,
        seen: viewer === undefined ? values : keys.seen(name, item, viewer),
        operation: operationId === undefined ? values : keys.operation(name, operationId),
      },
      args: {
        item,
        // -0 is text of its own to nobody.
        by: by === 0 ? 0 : by,
        keep: keepMs,
        max_items: maxItems,
        window: viewer === undefined ? 0 : dedupeMs,
        takes_back: takesBack ? 1 : 0,
        has_operation: operationId === undefined ? 0 : 1,
        write_behind: writeBehind ? 1 : 0,
        half_life: halfLifeMs,
        forget: forgetMs,
      },
      restKeys,
    },
    { resend: viewer !== undefined || operationId !== undefined ? "once" : "never" },
  );
  if (count === "") {
    throw new Misuse(`the operation id ${operationId} was used for another increment`);
  }
  return Number(count);
}
