import type { Redis } from "ioredis";

/** The little of redlock that is used: its `exports` hide its own declarations. */
interface Redlock {
  acquire(resources: string[], durationMs: number): Promise<{ release(): Promise<unknown> }>;
}
type RedlockConstructor = new (clients: Redis[], settings?: { retryCount?: number }) => Redlock;

/** redlock over one client; of its settings, all but the number of tries are its own. */
export async function openRedlock(client: Redis, retryCount: number): Promise<Redlock> {
  const specifier = "redlock";
  const { default: Redlock } = (await import(specifier)) as { default: RedlockConstructor };
  return new Redlock([client], { retryCount });
}
