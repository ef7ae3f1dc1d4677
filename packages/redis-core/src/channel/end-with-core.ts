import type { CoreContext } from "../context.ts";

type End = () => Promise<unknown>;

const openOnes = new WeakMap<CoreContext, Set<End>>();

/** Has `end` called when the core closes, unless the function returned was called before. */
export function endWithCore(context: CoreContext, end: End): () => void {
  let open = openOnes.get(context);
  if (!open) {
    const created = new Set<End>();
    open = created;
    openOnes.set(context, created);
    context.onClose(async () => {
      await Promise.all([...created].map((each) => each()));
    });
  }
  const ends = open.add(end);
  return () => ends.delete(end);
}
