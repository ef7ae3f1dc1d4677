/** Where a stream's frames go: a socket, or a loop that takes them one by one. */
export interface FrameSink<Frame> {
  /** Whether it can take a frame now. When it can again, whoever owns it calls the feed's `resume`. */
  canTake(): boolean;
  /**
   * Takes a frame; `id` is where a client that has it comes back to. The same frame object goes to every sink that is
   * to get the same, so it can be serialised once for all of them.
   */
  take(id: string, frame: Frame): void;
  /** Nothing comes any more: because of an error, or because there is nothing more to say. */
  end(error: Error | null): void;
}

/** One stream on its way into a sink. */
export interface Feed {
  /** The sink can take again. */
  resume(): void;
  /** Nobody wants it any more. Idempotent; the sink hears nothing of it. */
  stop(): void;
}
