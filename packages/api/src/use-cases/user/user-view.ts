import type { UserRow, UserSummary } from "@cardinal/db";
import type { Me, User } from "../../routers/user/schemas.ts";

/** What every member may see of another. */
export function toUserView(user: UserSummary): User {
  return {
    id: user.id,
    username: user.username,
    displayName: user.displayName,
    role: user.role,
    avatarHue: user.avatarHue,
    createdAtMs: user.createdAtMs,
  };
}

/** What a member sees of himself. */
export function toMeView(user: UserRow): Me {
  return { ...toUserView(user), email: user.email };
}
