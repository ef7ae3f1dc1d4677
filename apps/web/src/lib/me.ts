import type { Me } from "@cardinal/api/schemas";
import { createContext, useContext } from "react";

export const MeContext = createContext<Me | null>(null);

/** The member signed in. Only inside the shell, where there is one. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe is used outside of the signed-in shell");
  return me;
}
