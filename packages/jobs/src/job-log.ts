/** The part of pino's logger the jobs use: fields first, then a fixed message. */
export type JobLog = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};
