import { live } from "../../lib/api-client.ts";
import { tellOtherTabs } from "../../lib/session-channel.ts";
import { forgetSession } from "../../lib/session-state.ts";
import { trpc } from "../../lib/trpc.ts";

/**
 * Signs out on the server, and only then here and in every other tab: a tab that says "signed out" while the
 * session still stands would be a lie.
 *
 * `takeAway` removes what the browser keeps for the member; the page is left when that is done.
 */
export function useSignOut(takeAway: () => Promise<void>, onLeft: () => void) {
  return trpc.auth.signOut.useMutation({
    onSuccess: async () => {
      tellOtherTabs({ kind: "signed-out" });
      await takeAway();
      onLeft();
      forgetSession();
      live.restart();
    },
  });
}
