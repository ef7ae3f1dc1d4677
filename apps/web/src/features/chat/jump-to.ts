/** Who shows a message of the room that is open. */
const shown = new Set<(messageId: string) => void>();

/** Shows a message of the room that is open, as far as it is loaded. */
export function jumpTo(messageId: string): void {
  for (const show of shown) show(messageId);
}

/** Lets a list follow `jumpTo`; returns what ends that. */
export function onJump(show: (messageId: string) => void): () => void {
  shown.add(show);
  return () => shown.delete(show);
}
