import type { TestClient } from "./test-client.ts";

/** The id of a seeded room. */
export async function roomIdOf(client: TestClient, slug: string): Promise<string> {
  const answer = await client.query("room.get", { slug });
  return String(Object(answer.data).id);
}
