import { hash, verify } from "@node-rs/argon2";
import { SignInBusy } from "../errors/domain-errors.ts";

export interface PasswordHasher {
  /** An argon2id hash in PHC form. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the hash's. Without a hash (no such account) it does the same work for a hash
   * nobody knows the password of, and answers false: the time says nothing about whether an account exists.
   */
  verify(password: string, storedHash: string | undefined): Promise<boolean>;
  /** Whether a stored hash was made with weaker parameters than today's and should be renewed. */
  isOutdated(storedHash: string): boolean;
}

interface PasswordHasherOptions {
  /** Hashes computed at once, each 19 MiB on a thread of its own. */
  readonly concurrency?: number;
  /** Calls that may wait for their turn; more are refused with `SignInBusy`. */
  readonly maxWaiting?: number;
}

// OWASP's minimum for argon2id, which is the library's default algorithm: 19 MiB, two passes, one lane.
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Hashes off the main thread, a bounded number at a time: a flood of sign-ins cannot starve everything else.
 */
export function createPasswordHasher(options: PasswordHasherOptions = {}): PasswordHasher {
  const take = createTurnstile(options.concurrency ?? 2, options.maxWaiting ?? 20);
  let decoy: Promise<string> | undefined;

  const hashInTurn = (password: string): Promise<string> => take(() => hash(password, parameters));

  return {
    hash: hashInTurn,
    async verify(password, storedHash) {
      decoy ??= hash(crypto.randomUUID(), parameters);
      const candidate = storedHash ?? (await decoy);
      const isRight = await take(() => verify(candidate, password));
      return isRight && storedHash !== undefined;
    },
    isOutdated(storedHash) {
      const found = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(storedHash);
      return (
        found === null ||
        Number(found[1]) < parameters.memoryCost ||
        Number(found[2]) < parameters.timeCost ||
        Number(found[3]) < parameters.parallelism
      );
    },
  };
}

function createTurnstile(concurrency: number, maxWaiting: number) {
  let running = 0;
  const waiting: (() => void)[] = [];

  return async function take<T>(work: () => Promise<T>): Promise<T> {
    if (running >= concurrency) {
      if (waiting.length >= maxWaiting) {
        throw new SignInBusy();
      }
      // Whoever leaves hands his place on, so `running` does not change here.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) {
        running -= 1;
      } else {
        next();
      }
    }
  };
}
