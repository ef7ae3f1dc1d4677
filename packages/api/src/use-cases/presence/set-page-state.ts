import type { AppDeps } from "../../deps/app-deps.ts";
import type { PageState } from "../../deps/doorbells.ts";

/**
 * Says whether a page's member is active, idle or away. It holds for the rooms the page is present in, until the page
 * says otherwise or leaves. Without Redis nobody hears of it.
 */
export function setPageState(deps: Pick<AppDeps, "doorbells" | "log">, state: PageState): void {
  deps.doorbells
    .pages()
    .publish(state)
    .catch((error: unknown) => deps.log.debug({ err: error }, "nobody heard of a page's activity"));
}
