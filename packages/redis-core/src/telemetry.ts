/** Values by which a figure is split. Bounded by design: never a key, user or room. */
export type Labels = Readonly<Record<string, string>>;

/** Where the library reports what happens. Every method is optional in effect: `noTelemetry` does nothing. */
export interface Telemetry {
  /** Adds to a counter, such as `cache_requests_total`. */
  count(metric: string, labels?: Labels, by?: number): void;
  /** Records one observation in seconds, such as `lock_wait_seconds`. */
  observe(metric: string, seconds: number, labels?: Labels): void;
  /** One structured line about something an operator should know. Never carries values or secrets. */
  log(level: "info" | "warn" | "error", event: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const noTelemetry: Telemetry = {
  count() {},
  observe() {},
  log() {},
};
