import type { SignInOutput } from "@cardinal/api/schemas";
import { api, live } from "../../lib/api-client.ts";
import { tellOtherTabs } from "../../lib/session-channel.ts";
import { currentMember, forgetSession, rememberMember } from "../../lib/session-state.ts";

/** Makes this browser the member's. What another member left in this tab is forgotten first. */
export async function enterAs({ user, expiresAtMs }: SignInOutput): Promise<void> {
  if (currentMember() !== user.id) forgetSession();
  rememberMember(user.id);
  api.auth.me.setData(undefined, { user, session: { id: "", expiresAtMs } });
  // The socket still carries the cookie of before.
  live.restart();
  tellOtherTabs({ kind: "signed-in", userId: user.id });
  await api.invalidate(undefined, { refetchType: "none" });
}
