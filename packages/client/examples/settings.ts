import { createCardinalClient } from "@cardinal/client";
import type { CardinalClient } from "@cardinal/client";

/** Where the server answers, and who signs in: from the environment, with the demo login of development. */
export const url = process.env["CARDINAL_URL"] ?? "http://localhost:3000";
const login = process.env["CARDINAL_LOGIN"] ?? "ada";
const password = process.env["CARDINAL_PASSWORD"] ?? "cardinal-demo-1";

/** A client that is signed in. `issueToken` answers with the token that programs send as a bearer. */
export async function signIn(): Promise<CardinalClient & { token: string }> {
  using door = createCardinalClient({ url });
  const { token } = await door.trpc.auth.signIn.mutate({ login, password, issueToken: true });
  if (token === undefined) throw new Error("the server issued no token");
  return { ...createCardinalClient({ url, token }), token };
}
