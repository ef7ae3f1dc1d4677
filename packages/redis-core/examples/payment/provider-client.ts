export interface Charge {
  readonly id: string;
  readonly amountCents: number;
}

export interface ProviderClient {
  /** Charges once for a key, however often it is asked. Rejects when the outcome is unknown: ask again. */
  charge(input: { amountCents: number; idempotencyKey: string; signal: AbortSignal }): Promise<Charge>;
}

const withinMs = 10_000;

/** The provider's API, as far as it is needed. */
export function createProviderClient(url: string): ProviderClient {
  return {
    async charge({ amountCents, idempotencyKey, signal }) {
      const response = await fetch(new URL("/charges", url), {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": idempotencyKey },
        body: JSON.stringify({ amountCents }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(withinMs)]),
      });
      if (!response.ok) {
        throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
      }
      return (await response.json()) as Charge;
    },
  };
}
