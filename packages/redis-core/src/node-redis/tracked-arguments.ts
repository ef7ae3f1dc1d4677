/** The words of a command, and whether node-redis has read them to write them to a socket. */
export interface TrackedArguments {
  readonly words: readonly string[];
  /** Called once the command is in node-redis' queue: what is read from then on is on its way out. */
  queued(): void;
  isSent(): boolean;
}

/**
 * node-redis does not tell whether a command that failed had left: it rejects what waits for a reply and what
 * waits to be written with the same error. But it reads a queued command's words only to write them.
 */
export function trackArguments(words: string[]): TrackedArguments {
  const [first] = words;
  let isQueued = false;
  let isSent = false;
  Object.defineProperty(words, 0, {
    enumerable: true,
    get() {
      isSent ||= isQueued;
      return first;
    },
  });
  return {
    words,
    queued() {
      isQueued = true;
    },
    isSent: () => isSent,
  };
}
