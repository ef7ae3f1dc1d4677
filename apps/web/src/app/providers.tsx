import { QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { hooksClient, queryClient } from "../lib/api-client.ts";
import { trpc } from "../lib/trpc.ts";

/** What every page needs around it. */
export function Providers({ children }: { children: ReactNode }) {
  return (
    <trpc.Provider client={hooksClient} queryClient={queryClient}>
      <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
    </trpc.Provider>
  );
}
