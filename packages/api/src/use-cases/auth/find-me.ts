import { userQueries } from "@cardinal/db";
import type { AppDeps } from "../../deps/app-deps.ts";
import type { Me } from "../../routers/user/schemas.ts";
import { toMeView } from "../user/user-view.ts";

/** The member himself; null once the account is gone or disabled. */
export async function findMe(deps: Pick<AppDeps, "db">, userId: string): Promise<Me | null> {
  const row = await deps.db.read((tx) => userQueries.findById(tx, userId));
  return row === undefined || row.disabledAtMs !== null ? null : toMeView(row);
}
