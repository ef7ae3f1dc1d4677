import { useSearch } from "@tanstack/react-router";
import { Page } from "../../components/ui/page.tsx";
import { DaysTabs } from "../../features/analytics/days-tabs.tsx";
import { TopList } from "../../features/analytics/top-list.tsx";
import { TrafficReport } from "../../features/analytics/traffic-report.tsx";
import { VisitorsNow } from "../../features/counter/visitors-now.tsx";
import { useTitle } from "../../lib/use-title.ts";

export function AnalyticsRoute() {
  const { days } = useSearch({ from: "/shell/analytics" });
  useTitle("Analytics");
  return (
    <Page title="Analytics" lead="Who reads what, without following anybody." actions={<VisitorsNow />}>
      <div className="mb-5">
        <DaysTabs current={days} />
      </div>
      <TrafficReport days={days} />
      <div className="mt-3 grid gap-3 md:grid-cols-2">
        <TopList dimension="page" title="Pages" days={days} />
        <TopList dimension="referrer" title="Came from" days={days} />
        <TopList dimension="country" title="Countries" days={days} />
        <TopList dimension="browser" title="Browsers" days={days} />
      </div>
    </Page>
  );
}
