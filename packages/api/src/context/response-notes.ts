/** Headers collected while procedures run, written once all of them have answered. */
export class ResponseNotes {
  readonly #cookies = new Map<string, string>();
  readonly #headers = new Map<string, string>();

  /** A `Set-Cookie` value. The last one for a purpose wins: a sign-out beats the renewal before it. */
  setCookie(purpose: string, value: string): void {
    this.#cookies.set(purpose, value);
  }

  setHeader(name: string, value: string): void {
    this.#headers.set(name, value);
  }

  toHeaders(): Headers {
    const headers = new Headers([...this.#headers]);
    for (const value of this.#cookies.values()) {
      headers.append("set-cookie", value);
    }
    return headers;
  }
}
