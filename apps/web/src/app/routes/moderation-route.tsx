import { useState } from "react";
import { Page } from "../../components/ui/page.tsx";
import { Tabs } from "../../components/ui/tabs.tsx";
import { AuditLog } from "../../features/moderation/audit-log.tsx";
import { ReportQueue } from "../../features/moderation/report-queue.tsx";
import { useMe } from "../../lib/me.ts";
import { useTitle } from "../../lib/use-title.ts";

const VIEWS = { open: "Open", resolved: "Settled" } as const;
const VIEWS_OF_ADMIN = { ...VIEWS, log: "Log" } as const;

export function ModerationRoute() {
  const me = useMe();
  const isAdmin = me.role === "admin";
  const [view, setView] = useState<keyof typeof VIEWS_OF_ADMIN>("open");
  useTitle("Reports");
  return (
    <Page
      title="Reports"
      lead={isAdmin ? "What members have reported, in every room." : "What members have reported in your rooms."}
    >
      {isAdmin ? (
        <Tabs label="Show" value={view} options={VIEWS_OF_ADMIN} onChange={setView} />
      ) : (
        <Tabs label="Show" value={view === "log" ? "open" : view} options={VIEWS} onChange={setView} />
      )}
      {view === "log" && isAdmin ? <AuditLog /> : <ReportQueue key={view} state={view === "log" ? "open" : view} />}
    </Page>
  );
}
