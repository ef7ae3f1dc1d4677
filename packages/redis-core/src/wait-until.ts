/**
 * Resolves after `ms`, when `promise` settles (whichever way), or when the signal aborts: whichever is first. Never
 * rejects; who minds the signal asks it.
 */
export async function waitUntil(
  ms: number,
  { promise, signal }: { readonly promise?: Promise<unknown>; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  if (signal?.aborted) {
    return;
  }
  await new Promise<void>((resolve) => {
    const goOn = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", goOn);
      resolve();
    };
    const timer = setTimeout(goOn, ms);
    signal?.addEventListener("abort", goOn, { once: true });
    promise?.then(goOn, goOn);
  });
}
