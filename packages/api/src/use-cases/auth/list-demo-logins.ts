import { DEMO_PASSWORD, DEMO_USERNAMES, userQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { DemoLogin } from "../../routers/auth/schemas.ts";

/**
 * The seeded logins a developer may use, with their password. Empty where the configuration does not show
 * them.
 */
export async function listDemoLogins(deps: Pick<AppDeps, "db" | "config">): Promise<DemoLogin[]> {
  if (!deps.config.hasDemoLogins) {
    return [];
  }
  const users = await deps.db.read((tx) => userQueries.listByUsernames(tx, DEMO_USERNAMES));
  return users.map(({ username, displayName, role }) => ({
    username,
    displayName,
    role,
    password: DEMO_PASSWORD,
  }));
}
