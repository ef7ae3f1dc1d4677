import { router } from "../../trpc.ts";
import { list } from "./list.ts";
import { onChange } from "./on-change.ts";
import { setState } from "./set-state.ts";

export const presenceRouter = router({ list, onChange, setState });
