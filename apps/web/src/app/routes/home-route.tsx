import type { ReactNode } from "react";
import { Page } from "../../components/ui/page.tsx";
import { UnreadSummary } from "../../features/chat/unread-summary.tsx";
import { OwnStanding } from "../../features/leaderboard/own-standing.tsx";
import { LatestPosts } from "../../features/post/latest-posts.tsx";
import { useMe } from "../../lib/me.ts";
import { useTitle } from "../../lib/use-title.ts";

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="rounded-2xl border border-line bg-surface p-5">
      <h2 className="mb-2 text-sm font-semibold text-ink-soft">{title}</h2>
      {children}
    </section>
  );
}

export function HomeRoute() {
  const me = useMe();
  useTitle("Home");
  return (
    <Page title={`Hello, ${me.displayName.split(" ")[0]}`} lead="What happened while you were away.">
      <div className="grid gap-5 md:grid-cols-2">
        <Card title="Unread">
          <UnreadSummary />
        </Card>
        <Card title="Your season">
          <OwnStanding />
        </Card>
        <div className="md:col-span-2">
          <Card title="From the blog">
            <LatestPosts />
          </Card>
        </div>
      </div>
    </Page>
  );
}
