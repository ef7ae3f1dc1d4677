/** The mark and the name. */
export function Brand() {
  return (
    <span className="inline-flex items-center gap-2.5">
      <img src="/favicon.svg" alt="" className="size-8" />
      <span className="font-display text-xl font-semibold tracking-tight">Cardinal</span>
    </span>
  );
}
