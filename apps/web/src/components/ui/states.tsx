import type { ReactNode } from "react";
import { faultText } from "../../lib/fault-text.ts";
import { Button } from "./button.tsx";
import { useConnection } from "../../lib/use-connection.ts";

/** A block where something will stand. */
export function Skeleton({ className = "" }: { className?: string }) {
  return <div aria-hidden="true" className={`animate-pulse rounded-md bg-line/70 ${className}`} />;
}

/** Says that content is on its way, and keeps its place. */
export function LoadingState({ label, children }: { label: string; children?: ReactNode }) {
  return (
    <div role="status">
      <span className="sr-only">{label}</span>
      {children ?? (
        <div className="space-y-3">
          <Skeleton className="h-5 w-1/3" />
          <Skeleton className="h-4 w-full" />
          <Skeleton className="h-4 w-4/5" />
        </div>
      )}
    </div>
  );
}

/** Says that there is nothing, and what to do about it. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="rounded-2xl border border-dashed border-line-strong/40 px-6 py-10 text-center">
      <p className="font-medium">{title}</p>
      {children && <div className="mt-1 text-ink-soft">{children}</div>}
    </div>
  );
}

/** Says what went wrong, or that the network is gone, and offers to try again. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { state } = useConnection();
  return (
    <div role="alert" className="rounded-2xl border border-line bg-surface px-6 py-8 text-center">
      <p className="font-medium">{state === "offline" ? "You are offline." : faultText(error)}</p>
      {state === "offline" && <p className="mt-1 text-ink-soft">This will load once the network is back.</p>}
      {onRetry && (
        <Button className="mt-4" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
