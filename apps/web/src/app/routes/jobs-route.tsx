import { Page } from "../../components/ui/page.tsx";
import { JobList } from "../../features/job/job-list.tsx";
import { useMe } from "../../lib/me.ts";
import { useTitle } from "../../lib/use-title.ts";

export function JobsRoute() {
  const me = useMe();
  useTitle("Jobs");
  return (
    <Page
      title="Jobs"
      lead={
        me.role === "admin" ? "Background work for every member." : "Work done for you in the background."
      }
    >
      <JobList />
    </Page>
  );
}
