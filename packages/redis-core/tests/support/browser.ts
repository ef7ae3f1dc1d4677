/** A cookie as a browser keeps it. */
export interface KeptCookie {
  readonly value: string;
  readonly attributes: readonly string[];
  readonly endsAtMs: number;
}

/** Sends requests with the cookies it was given, as long as they live. */
export class Browser {
  readonly cookies = new Map<string, KeptCookie>();
  readonly #send: (request: Request) => Promise<Response>;
  readonly #nowMs: () => number;

  constructor(send: (request: Request) => Promise<Response>, nowMs: () => number) {
    this.#send = send;
    this.#nowMs = nowMs;
  }

  async visit(url: string, init: RequestInit = {}): Promise<Response> {
    const request = new Request(url, init);
    const alive = [...this.cookies].filter(([, { endsAtMs }]) => this.#nowMs() < endsAtMs);
    if (alive.length > 0) {
      request.headers.set("cookie", alive.map(([name, { value }]) => `${name}=${value}`).join("; "));
    }
    const response = await this.#send(request);
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split("; ");
      const [name = "", value = ""] = pair.split("=");
      const maxAge = Number(attributes.find((each) => each.startsWith("Max-Age="))?.slice(8));
      this.cookies.set(name, { value, attributes, endsAtMs: this.#nowMs() + maxAge * 1_000 });
    }
    return response;
  }
}
