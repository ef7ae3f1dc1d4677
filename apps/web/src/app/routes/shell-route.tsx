import { Outlet, useLocation, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { AccountMenu } from "../../components/layout/account-menu.tsx";
import { Shell } from "../../components/layout/shell.tsx";
import { useTrackViews } from "../../features/analytics/use-track-views.ts";
import { useSignOut } from "../../features/auth/use-sign-out.ts";
import { SearchButton } from "../../features/chat/search-button.tsx";
import { memberOutbox } from "../../features/chat/outbox/member-outbox.ts";
import { UnsentWarning } from "../../features/chat/unsent-warning.tsx";
import { InboxButton } from "../../features/inbox/inbox-button.tsx";
import { inboxTopic } from "../../features/inbox/inbox-topic.ts";
import { SiteCount } from "../../features/presence/site-count.tsx";
import { useTellActivity } from "../../features/presence/use-tell-activity.ts";
import { live, queryClient } from "../../lib/api-client.ts";
import { faultText } from "../../lib/fault-text.ts";
import { MeContext } from "../../lib/me.ts";
import { onNewsFromOtherTabs } from "../../lib/session-channel.ts";
import { currentMember, forgetSession, onSessionEnd } from "../../lib/session-state.ts";
import { useStore } from "../../lib/store.ts";
import { trpc } from "../../lib/trpc.ts";
import { paths } from "../paths.ts";

onSessionEnd(() => queryClient.clear());

export function ShellRoute() {
  const router = useRouter();
  const me = trpc.auth.me.useQuery(undefined, { staleTime: Infinity });
  const signOut = useSignOut(
    // Whoever signs out leaves nothing behind; whose session ends comes back to it.
    () => memberOutbox().forget(),
    () => void router.navigate({ to: paths.signIn, search: {} }),
  );
  useEffect(() => {
    if (me.data) memberOutbox();
  }, [me.data]);

  useTrackViews(useLocation({ select: ({ pathname }) => pathname }));

  useTellActivity();

  useEffect(
    () =>
      onNewsFromOtherTabs((news) => {
        if (news.kind === "signed-out") {
          void router.navigate({ to: paths.signIn, search: {} });
          forgetSession();
          live.restart();
        } else if (news.userId !== currentMember()) {
          // The cookie is another member's now; nothing of this page is his.
          location.reload();
        }
      }),
    [router],
  );

  const reports = useStore(inboxTopic()).value?.reports ?? null;

  const user = me.data?.user;
  if (!user) return null;
  return (
    <MeContext value={user}>
      <Shell
        account={
          <AccountMenu
            onSignOut={() => signOut.mutate()}
            isSigningOut={signOut.isPending}
            warning={<UnsentWarning />}
            fault={
              signOut.error && (
                <p role="alert" className="mt-2 text-sm text-accent">
                  You are still signed in: {faultText(signOut.error)}
                </p>
              )
            }
          />
        }
        search={<SearchButton />}
        inbox={<InboxButton />}
        reports={reports}
        footer={<SiteCount />}
      >
        <Outlet />
      </Shell>
    </MeContext>
  );
}
