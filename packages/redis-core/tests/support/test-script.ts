import { createHash } from "node:crypto";
import type { Script } from "../../src/script/define-script.ts";

/** A script that is in no file, for tests of the port. */
export function testScript(name: string, source: string): Script {
  return { name, source, sha1: createHash("sha1").update(source).digest("hex") };
}
