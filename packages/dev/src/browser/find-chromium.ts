import { chmodSync, existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasApt } from "../debian/apt.ts";
import { type UnpackedProgram, unpackProgram } from "../debian/unpack-package.ts";
import { findExecutable, isExecutable } from "../workspace/executable.ts";
import { runCommand } from "../workspace/run-command.ts";

export interface Chromium {
  /** What to give to playwright as `executablePath`. */
  path: string;
  source: "CHROMIUM_PATH" | "PATH" | "installed" | "unpacked";
}

const names = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
  "microsoft-edge",
];
const applications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * The Chromium for the browser tests: `CHROMIUM_PATH`, else one on the PATH, else, with `fetch` (the
 * default), the distribution's package: installed when root, otherwise unpacked into the cache folder.
 * Rejects with one message that names the fixes.
 */
export async function findChromium(
  options: { fetch?: boolean; onProgress?: (message: string) => void } = {},
): Promise<Chromium> {
  const prescribed = process.env["CHROMIUM_PATH"];
  if (prescribed !== undefined && prescribed !== "") {
    if (!isExecutable(prescribed)) throw new Error(`CHROMIUM_PATH=${prescribed} is not an executable file.`);
    return { path: prescribed, source: "CHROMIUM_PATH" };
  }
  const onPath = findExecutable(names) ?? applications.find(isExecutable);
  if (onPath !== undefined) return { path: onPath, source: "PATH" };

  const reasons: string[] = [];
  if (options.fetch !== false && hasApt()) {
    const onProgress = (message: string) => options.onProgress?.(`Chromium is not installed: ${message}`);
    if (process.getuid?.() === 0) {
      const installed = await install(onProgress).catch(
        (error: unknown) => void reasons.push(messageOf(error)),
      );
      if (installed !== undefined) return { path: installed, source: "installed" };
    }
    try {
      return { path: await unpack(onProgress), source: "unpacked" };
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  throw new Error(
    [
      "No Chromium for the browser tests.",
      ...reasons,
      "  Debian, WSL:  sudo apt-get install chromium",
      "  Ubuntu:       install Google Chrome's .deb, or `sudo snap install chromium`",
      "  Fedora:       sudo dnf install chromium",
      "  macOS:        brew install --cask chromium",
      "  elsewhere:    set CHROMIUM_PATH=/path/to/chrome",
    ].join("\n"),
  );
}

async function install(onProgress: (message: string) => void): Promise<string> {
  onProgress("installing the distribution's package");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await runCommand("apt-get", ["update"], { env });
  const result = await runCommand("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], {
    env,
  });
  const path = findExecutable(names);
  if (result.code !== 0 || path === undefined) {
    throw new Error(
      `apt-get install chromium failed:\n${result.output.trim().split("\n").slice(-6).join("\n")}`,
    );
  }
  return path;
}

async function unpack(onProgress: (message: string) => void): Promise<string> {
  const program = await unpackProgram({
    name: "chromium",
    packages: ["chromium", "chromium-browser"],
    // The program reads its data from beside itself: the system's copy of that package is of no use to it.
    extras: [
      "chromium-common",
      ...(existsSync("/usr/share/fonts/truetype") ? [] : ["fonts-dejavu-core"]),
    ],
    programs: ["usr/lib/chromium/chromium", "usr/lib/chromium-browser/chromium-browser"],
    onProgress,
  });
  return writeWrapper(program);
}

/** A script that runs the unpacked program with its own libraries and fonts. */
function writeWrapper({ path, libraryPath, root }: UnpackedProgram): string {
  const wrapper = join(root, "../chromium");
  const fontConfig = join(root, "../fonts.conf");
  const lines = ["#!/bin/sh", `export LD_LIBRARY_PATH='${libraryPath}'`];
  if (!existsSync("/etc/fonts/fonts.conf")) {
    lines.push(`export FONTCONFIG_FILE='${fontConfig}'`);
    const folders = ["/usr/share/fonts", join(root, "usr/share/fonts")].map(
      (folder) => `<dir>${folder}</dir>`,
    );
    replaceFile(fontConfig, `<?xml version="1.0"?>\n<fontconfig>${folders.join("")}</fontconfig>\n`);
  }
  replaceFile(wrapper, `${[...lines, `exec '${path}' "$@"`].join("\n")}\n`);
  return wrapper;
}

/** Another process may be reading, or running, the file. */
function replaceFile(path: string, content: string): void {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, content);
  chmodSync(temporary, 0o755);
  renameSync(temporary, path);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
