/** What the API needs to know of its surroundings. The server reads it from the environment. */
export interface AppConfig {
  readonly isProduction: boolean;
  readonly version: string;
  /** Origins whose pages may send requests with cookies, such as `https://cardinal.example`. */
  readonly allowedOrigins: readonly string[];
  /** Whether the public address is https: decides the cookie's name and `Secure`. */
  readonly isSecure: boolean;
  /** Our own proxies in front of the server. */
  readonly trustedProxyHops: number;
  /** The header in which our own proxy names the visitor's country; null where there is none. */
  readonly countryHeader: string | null;
  /** Lists the seeded logins with their password for anyone who asks. Never in production. */
  readonly hasDemoLogins: boolean;
  /** Processes of this kind that share the limits while Redis is away. */
  readonly instances: number;
}

export const SESSION_IDLE = "7d";
export const SESSION_ABSOLUTE = "30d";
export const SESSIONS_PER_MEMBER = 10;
