import { DEMO_PASSWORD, UniqueViolation, userQueries, type UserRow } from "@cardinal/db";
import { enqueue, sendWelcomeEmail } from "@cardinal/jobs";
import type { IssuedSession, SessionDevice } from "@cardinal/redis-core/sessions";
import type { AppDeps, SessionData } from "../../deps/app-deps.ts";
import { EmailTaken, UsernameTaken } from "../../errors/domain-errors.ts";
import { assertPasswordIsUncommon } from "../../passwords/password-strength.ts";
import { enqueueInvalidations, invalidateNow } from "../cache/invalidate-after-commit.ts";
import { invalidationsOfNewUser } from "../user/invalidations-of-user.ts";

interface SignUpInput {
  readonly username: string;
  readonly displayName: string;
  readonly email: string;
  readonly password: string;
  readonly device: SessionDevice;
}

type SignUpDeps = Pick<
  AppDeps,
  "db" | "sessions" | "passwords" | "caches" | "outbox" | "log" | "now" | "newId" | "config"
>;

export interface SignedIn {
  readonly user: UserRow;
  readonly issued: IssuedSession<SessionData>;
}

/**
 * Makes an account and signs it in. The account and its welcome mail's outbox row are one transaction: the
 * mail is sent if and only if the account exists.
 *
 * @throws {PasswordTooCommon} {SignInBusy} {EmailTaken} {UsernameTaken}
 */
export async function signUp(deps: SignUpDeps, input: SignUpInput): Promise<SignedIn> {
  assertPasswordIsUncommon(input.password, input, deps.config.isProduction ? [DEMO_PASSWORD] : []);
  const passwordHash = await deps.passwords.hash(input.password);
  const id = deps.newId();
  const nowMs = deps.now();
  const invalidations = invalidationsOfNewUser({ id, username: input.username });

  const user = await deps.db
    .write((tx) => {
      const { username, displayName, email } = input;
      const created = userQueries.create(tx, { id, username, displayName, email, passwordHash, nowMs });
      enqueue(tx, sendWelcomeEmail, { userId: id }, { ownerId: id, jobKey: `welcome:${id}`, nowMs });
      enqueueInvalidations(tx, invalidations, nowMs);
      return created;
    })
    .catch((error: unknown) => {
      throw takenError(error);
    });

  await invalidateNow(deps, invalidations);
  const issued = await deps.sessions.create({ userId: id, data: { via: "password" }, device: input.device });
  deps.log.info({ userId: id, sessionId: issued.session.id }, "signed up");
  return { user, issued };
}

function takenError(error: unknown): unknown {
  if (error instanceof UniqueViolation) {
    if (error.isOn("user", "username")) {
      return new UsernameTaken();
    }
    if (error.isOn("user", "email_normalized")) {
      return new EmailTaken();
    }
  }
  return error;
}
