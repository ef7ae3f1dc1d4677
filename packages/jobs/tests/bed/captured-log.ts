import type { JobLog } from "../../src/index.ts";

export type LogLine = { level: string; message: string; [field: string]: unknown };

export type CapturedLog = JobLog & {
  lines: LogLine[];
  add(line: LogLine): void;
  /** The first line, past or future, that fits. */
  until(fits: (line: LogLine) => boolean): Promise<LogLine>;
  /** Resolves when `count` lines fit. */
  untilCount(count: number, fits: (line: LogLine) => boolean): Promise<LogLine[]>;
};

/** A log that tests wait on, so that they never sleep. */
export function createCapturedLog(): CapturedLog {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  const add = (line: LogLine): void => {
    lines.push(line);
    for (const check of waiting) check();
  };
  const untilCount: CapturedLog["untilCount"] = (count, fits) =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = lines.filter(fits);
        if (found.length < count) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  return {
    lines,
    add,
    untilCount,
    async until(fits) {
      const [line] = await untilCount(1, fits);
      if (line === undefined) throw new Error("no line fits");
      return line;
    },
    debug: (fields, message) => add({ ...fields, level: "debug", message }),
    info: (fields, message) => add({ ...fields, level: "info", message }),
    warn: (fields, message) => add({ ...fields, level: "warn", message }),
    error: (fields, message) => add({ ...fields, level: "error", message }),
  };
}
