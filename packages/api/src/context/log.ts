/** A structured log: pino's shape, without pino. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** For tests and programs that want none. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
