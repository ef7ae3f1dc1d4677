import type { ErrorComponentProps } from "@tanstack/react-router";
import { ErrorState } from "../components/ui/states.tsx";

/** Stands in for a page that failed. Trying again loads it anew. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  return (
    <div className="mx-auto max-w-lg px-5 py-24">
      <h1 className="mb-6 font-display text-2xl font-semibold">This page did not load</h1>
      <ErrorState error={error} onRetry={() => (reset(), location.reload())} />
    </div>
  );
}
