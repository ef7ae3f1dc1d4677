import { live } from "../../lib/api-client.ts";
import { tellOtherTabs } from "../../lib/session-channel.ts";
import { forgetSession } from "../../lib/session-state.ts";
import { trpc } from "../../lib/trpc.ts";

/**
 * Signs out on the server, and only then here and in every other tab: a tab that says "signed out" while the
 * session still stands would be a lie.
 */
export function useSignOut(onLeft: () => void) {
  return trpc.auth.signOut.useMutation({
    onSuccess: () => {
      tellOtherTabs({ kind: "signed-out" });
      onLeft();
      forgetSession();
      live.restart();
    },
  });
}
