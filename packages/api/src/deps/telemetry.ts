/** What the API reports besides its log. The server turns it into metrics. */
export interface ApiTelemetry {
  procedureFinished(call: { path: string; type: string; code: string; seconds: number }): void;
  limitDecided(decision: { policy: string; decision: "allowed" | "limited" | "unavailable" }): void;
  /**
   * What the live layer had to do about its rooms: `doorbell` an event came with its message, `filled` it was read
   * from the log because its message was late or lost, `replayed` it was sent to a client that came back,
   * `reset` a client was told to start anew.
   */
  roomEvents(what: "doorbell" | "filled" | "replayed" | "reset", count: number): void;
}

export const noApiTelemetry: ApiTelemetry = { procedureFinished() {}, limitDecided() {}, roomEvents() {} };
