import type { AppRouter } from "@cardinal/api";
import { createTRPCReact } from "@trpc/react-query";

/** Every query and mutation of the app goes through these hooks. */
export const trpc = createTRPCReact<AppRouter>();
