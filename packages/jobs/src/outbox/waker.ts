export type Waker = {
  /** Ends the wait under way, or the next one if none is. */
  wake(): void;
  /** Forgets a wake nobody waited for. */
  clear(): void;
  wait(maxMs: number): Promise<void>;
};

/** A wait that can be cut short. A wake that comes while the waiter is busy is not lost. */
export function createWaker(): Waker {
  let isWoken = false;
  let end: (() => void) | null = null;
  return {
    wake() {
      isWoken = true;
      end?.();
    },
    clear() {
      isWoken = false;
    },
    async wait(maxMs) {
      if (!isWoken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, maxMs);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        end = null;
      }
      isWoken = false;
    },
  };
}
