/** What the API reports besides its log. The server turns it into metrics. */
export interface ApiTelemetry {
  procedureFinished(call: { path: string; type: string; code: string; seconds: number }): void;
  limitDecided(decision: { policy: string; decision: "allowed" | "limited" | "unavailable" }): void;
}

export const noApiTelemetry: ApiTelemetry = { procedureFinished() {}, limitDecided() {} };
