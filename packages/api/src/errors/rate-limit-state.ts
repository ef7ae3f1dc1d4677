/** Where a caller stands with the rule that refused him. Reaches him as `error.data.rateLimit`. */
export interface RateLimitState {
  /** `<policy>` or `<policy>:<rule>`, as on the page of policies. */
  policy: string;
  limit: number;
  remaining: number;
  /** Not before this long will the same call pass. */
  retryAfterMs: number;
  /** When the limit is whole again, by this server's clock. */
  resetAtMs: number;
}
