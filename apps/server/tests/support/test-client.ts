import { DEMO_PASSWORD } from "@cardinal/db";

/** One answer, its body already read as a tRPC envelope. */
export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** What the procedure answered; undefined when it was refused. */
  readonly data: unknown;
  /** `error.data`, the message included; undefined when it was not refused. */
  readonly error: { readonly [field: string]: unknown; readonly reason?: unknown } | undefined;
  readonly body: unknown;
}

interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A browser as far as the server can tell: it keeps cookies and sends its page's origin with every mutation.
 */
export class TestClient {
  readonly #url: string;
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();

  constructor(url: string, origin: string) {
    this.#url = url;
    this.#origin = origin;
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies;
  }

  setCookie(name: string, value: string): void {
    this.#cookies.set(name, value);
  }

  async query(path: string, input?: unknown, options: CallOptions = {}): Promise<TestAnswer> {
    const search = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    return this.fetch(`/api/trpc/${path}${search}`, { headers: { ...options.headers } });
  }

  async mutate(path: string, input?: unknown, options: CallOptions = {}): Promise<TestAnswer> {
    return this.fetch(`/api/trpc/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: this.#origin, ...options.headers },
      ...(input === undefined ? {} : { body: JSON.stringify(input) }),
    });
  }

  async signIn(login: string, password: string = DEMO_PASSWORD): Promise<TestAnswer> {
    const answer = await this.mutate("auth.signIn", { login, password });
    if (answer.status !== 200) {
      throw new Error(`${login} could not sign in: ${JSON.stringify(answer.body)}`);
    }
    return answer;
  }

  /** Any request with this visitor's cookies. Redirects are not followed. */
  async fetch(path: string, init: RequestInit = {}): Promise<TestAnswer> {
    const headers = new Headers(init.headers);
    if (this.#cookies.size > 0 && !headers.has("cookie")) {
      headers.set("cookie", [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    }
    const response = await fetch(`${this.#url}${path}`, { ...init, headers, redirect: "manual" });
    this.#keepCookies(response.headers);
    const text = await response.text();
    // tRPC refuses a batch that is too large with JSON that it calls plain text.
    const body: unknown = /^[[{]/.test(text) ? JSON.parse(text) : text;
    return { status: response.status, headers: response.headers, body, ...readEnvelope(body) };
  }

  #keepCookies(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") {
        this.#cookies.delete(name);
      } else {
        this.#cookies.set(name, value);
      }
    }
  }
}

function readEnvelope(body: unknown): Pick<TestAnswer, "data" | "error"> {
  const envelope: { result?: { data?: unknown }; error?: { message?: unknown; data?: object } } =
    Object(body);
  const { result, error } = envelope;
  return {
    data: result?.data,
    error: error === undefined ? undefined : { message: error.message, ...error.data },
  };
}
