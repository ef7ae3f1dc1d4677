import { accessSync, constants, existsSync, mkdirSync, readFileSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { findChromium } from "../browser/find-chromium.ts";
import { hasApt } from "../debian/apt.ts";
import { runCommand } from "../workspace/run-command.ts";
import { dataFolder } from "../settings/dev-settings.ts";
import { cacheFolder } from "../workspace/cache-folder.ts";
import { repositoryRoot } from "../workspace/repository-root.ts";
import { type Check, fail, ok } from "./check.ts";

const neededNode = 24;
const neededBytes = 1_000_000_000;

/** What this machine and this checkout bring. */
export const machineChecks: readonly Check[] = [
  {
    name: "Node",
    run: () => {
      const major = Number(process.versions.node.split(".")[0]);
      if (major >= neededNode) return ok(`${process.version} runs the scripts`);
      return fail(
        `${process.version} runs the scripts, they need ${neededNode}`,
        "start them with `npx -y pnpm@12.21.0 <script>`: the Node they need is installed with the dependencies",
      );
    },
  },
  {
    name: "Dependencies",
    run: () => {
      const wanted = readOrEmpty("pnpm-lock.yaml");
      const installed = readOrEmpty("node_modules/.pnpm/lock.yaml");
      if (installed === "") return fail("not installed", "npx -y pnpm@12.21.0 install");
      if (installed !== wanted) return fail("not what pnpm-lock.yaml says", "npx -y pnpm@12.21.0 install");
      return ok("installed as pnpm-lock.yaml says");
    },
  },
  {
    name: "pnpm",
    run: async () => {
      const path = join(repositoryRoot, "node_modules/.bin/pnpm");
      const { code, stdout } = await runCommand(path, ["--version"], { cwd: repositoryRoot });
      if (code === 0) return ok(stdout.trim());
      return fail(
        "node_modules/.bin/pnpm does not run, so `npx turbo dev` cannot",
        "npx -y pnpm@12.21.0 install",
      );
    },
  },
  {
    name: "Disk",
    run: () => {
      const { bavail, bsize } = statfsSync(repositoryRoot);
      const free = `${((bavail * bsize) / 1e9).toFixed(1)} GB free`;
      return bavail * bsize >= neededBytes ? ok(free) : fail(free, "free at least 1 GB on this disk");
    },
  },
  {
    name: "Folders",
    run: () => {
      mkdirSync(dataFolder, { recursive: true });
      accessSync(dataFolder, constants.W_OK);
      return ok(`.data and ${cacheFolder()} can be written`);
    },
  },
  {
    name: "Chromium",
    run: async () => {
      const found = await findChromium({ fetch: false }).catch((error: unknown) => error);
      if (!(found instanceof Error) && found !== null && typeof found === "object" && "path" in found) {
        return ok(String(found.path));
      }
      if (hasApt() && process.env["CHROMIUM_PATH"] === undefined) {
        return ok("not installed; `pnpm test` gets the distribution's package");
      }
      throw found;
    },
  },
  {
    name: "Web app",
    run: () => {
      const isBuilt = existsSync(join(repositoryRoot, "apps/web/dist/index.html"));
      return ok(isBuilt ? "built" : "not built (`pnpm start` needs `pnpm build` first)");
    },
  },
];

function readOrEmpty(path: string): string {
  try {
    return readFileSync(join(repositoryRoot, path), "utf8");
  } catch {
    return "";
  }
}
