import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Charge } from "./provider-client.ts";

export interface FakeProviderOptions {
  /** Called when money has moved and nobody has been told; the reply waits for it. */
  readonly afterCharge?: (charge: Charge) => Promise<void> | void;
}

export interface FakeProvider extends AsyncDisposable {
  readonly url: string;
  /** All that was ever charged. */
  readonly charges: readonly Charge[];
  /** How often it was asked to charge. */
  readonly requests: number;
}

/**
 * A payment provider on a free port. `POST /charges` with an `Idempotency-Key` charges once for each key and gives
 * that charge to everybody who comes with it; without one, every request is a charge.
 */
export async function startFakeProvider({ afterCharge }: FakeProviderOptions = {}): Promise<FakeProvider> {
  const charges: Charge[] = [];
  const byKey = new Map<string, Charge>();
  let requests = 0;

  const charge = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1;
    const { amountCents } = (await json(request)) as { amountCents: number };
    const key = request.headers["idempotency-key"];
    const known = typeof key === "string" ? byKey.get(key) : undefined;
    if (known && known.amountCents !== amountCents) {
      response.writeHead(422).end("this key was used for another amount");
      return;
    }
    const made = known ?? { id: randomUUID(), amountCents };
    if (!known) {
      charges.push(made);
      if (typeof key === "string") {
        byKey.set(key, made);
      }
      await afterCharge?.(made);
    }
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(made));
  };
  const server = createServer((request, response) => {
    if (request.method === "POST" && request.url === "/charges") {
      charge(request, response).catch(() => response.writeHead(400).end());
    } else {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    charges,
    get requests() {
      return requests;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
