/** What a process answers its parent: a name for each question, one value in, one out. */
export type Answers = Readonly<Record<string, (input: never) => unknown>>;

export interface Question {
  readonly ask: string;
  readonly number: number;
  readonly input: unknown;
}

export interface Answer {
  readonly answered: number;
  readonly output?: unknown;
  readonly failure?: string;
}

/**
 * Answers the parent's questions over the channel Node opens between the two, and ends this process when the parent is
 * gone. The channel alone does not keep the process running.
 */
export function answerParent(answers: Answers): void {
  process.on("message", (message: Partial<Question>) => {
    const { ask, number } = message;
    if (ask === undefined || number === undefined || !Object.hasOwn(answers, ask)) {
      return;
    }
    const reply = (answer: Omit<Answer, "answered">) => process.send?.({ answered: number, ...answer });
    const answering = async (): Promise<unknown> => await answers[ask]?.(message.input as never);
    answering().then(
      (output) => reply({ output }),
      (error: unknown) => reply({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.on("disconnect", () => process.exit(1));
  process.channel?.unref();
}
