import { RedisCoreError } from "../errors.ts";

/** A loader ran longer than its `hardTimeout`. Its signal was aborted and its late result is dropped. */
export class LoaderTimeout extends RedisCoreError {
  override readonly name = "LoaderTimeout";
  readonly code = "CACHE_LOADER_TIMEOUT";
}
