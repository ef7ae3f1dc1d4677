import { userQueries } from "@cardinal/db";
import type { SessionDevice } from "@cardinal/redis-core/sessions";
import type { AppDeps } from "../../deps/app-deps.ts";
import { WrongCredentials } from "../../errors/domain-errors.ts";
import type { SignedIn } from "./sign-up.ts";

interface SignInInput {
  /** E-mail or username. */
  readonly login: string;
  readonly password: string;
  readonly device: SessionDevice;
}

type SignInDeps = Pick<AppDeps, "db" | "sessions" | "passwords" | "log" | "now">;

/**
 * Checks a password and opens a session. An unknown login takes as long as a wrong password and answers the
 * same. A hash made with weaker parameters than today's is renewed on the way.
 *
 * @throws {WrongCredentials} {SignInBusy}
 * @throws {Suspended} once the password proved right.
 */
export async function signIn(deps: SignInDeps, input: SignInInput): Promise<SignedIn> {
  const user = await deps.db.read((tx) => userQueries.findForLogin(tx, input.login));
  const isRight = await deps.passwords.verify(input.password, user?.passwordHash);
  if (user === undefined || !isRight || user.disabledAtMs !== null) {
    deps.log.warn({ userId: user?.id ?? null }, "sign-in refused");
    throw new WrongCredentials();
  }
  if (deps.passwords.isOutdated(user.passwordHash)) {
    const passwordHash = await deps.passwords.hash(input.password);
    await deps.db.write((tx) => userQueries.update(tx, user.id, { passwordHash }, { nowMs: deps.now() }));
  }
  const issued = await deps.sessions.create({
    userId: user.id,
    data: { via: "password" },
    device: input.device,
  });
  deps.log.info({ userId: user.id, sessionId: issued.session.id }, "signed in");
  return { user, issued };
}
