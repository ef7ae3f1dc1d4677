const WITHIN_MS = 1_500;

/**
 * Gives an element the focus once it is drawn, and again if it is drawn anew meanwhile, until somebody else takes it.
 * Returns what ends that.
 */
export function focusWhenDrawn(find: () => HTMLElement | null | undefined): () => void {
  const untilMs = performance.now() + WITHIN_MS;
  const before = document.activeElement;
  let frame = requestAnimationFrame(function focus() {
    const active = document.activeElement;
    const element = find();
    const isFree = active === before || active === document.body || active === null;
    if (element && element !== active && isFree) element.focus({ preventScroll: true });
    const isTaken = active !== element && !isFree;
    if (!isTaken && performance.now() < untilMs) frame = requestAnimationFrame(focus);
  });
  return () => cancelAnimationFrame(frame);
}
