import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findExecutable } from "../workspace/executable.ts";
import { type CommandResult, runCommand, runOrThrow } from "../workspace/run-command.ts";

/** A package at the version the distribution offers. */
export interface DebianPackage {
  name: string;
  version: string;
}

/** Whether this machine has what unpacking a distribution's package needs. */
export function hasApt(): boolean {
  return ["apt-get", "apt-cache", "dpkg"].every((name) => findExecutable([name]) !== undefined);
}

/**
 * apt for a user without rights: everything it writes goes to `folder`. It starts from the system's own
 * package lists; `update()` fetches lists into `folder` instead, for a machine that has none or outdated
 * ones.
 */
export class PrivateApt {
  readonly #folder: string;
  #hasOwnLists = false;

  constructor(folder: string) {
    this.#folder = folder;
    for (const name of ["cache/archives/partial", "lists/partial"])
      mkdirSync(join(folder, name), { recursive: true });
  }

  async update(): Promise<void> {
    this.#hasOwnLists = true;
    const result = await this.#run("apt-get", ["update"]);
    // Without a network it only warns.
    const hasLists = readdirSync(join(this.#folder, "lists")).some((name) => name.includes("_Packages"));
    if (result.code !== 0 || !hasLists) throw new Error(`apt-get update failed:\n${tail(result)}`);
  }

  /** The package and every package it needs that is not installed here; undefined where it is not offered. */
  async resolve(name: string): Promise<DebianPackage[] | undefined> {
    const candidate = await this.#candidate(name);
    if (candidate === undefined) return undefined;
    const plan = await this.#run("apt-get", ["install", "--simulate", "--no-install-recommends", name]);
    const missing = plan.code === 0 ? parseSimulation(plan.stdout) : await this.#dependencies(name);
    return missing.some((found) => found.name === name) ? missing : [candidate, ...missing];
  }

  /** Downloads the packages as .deb files into `into`. */
  async download(packages: readonly DebianPackage[], into: string): Promise<void> {
    const names = packages.map(({ name, version }) => `${name}=${version}`);
    const result = await this.#run("apt-get", ["download", ...names], into);
    if (result.code !== 0) throw new Error(`apt-get download failed:\n${tail(result)}`);
  }

  async #candidate(name: string): Promise<DebianPackage | undefined> {
    const { stdout } = await this.#run("apt-cache", ["policy", name]);
    const version = /^ {2}Candidate: (\S+)$/m.exec(stdout)?.[1];
    return version === undefined || version === "(none)" ? undefined : { name, version };
  }

  /**
   * Where apt refuses to plan (half-installed packages, held versions): whatever it needs that is not
   * installed.
   */
  async #dependencies(name: string): Promise<DebianPackage[]> {
    const { stdout } = await this.#run("apt-cache", ["depends", "--recurse", "--important", name]);
    const needed = new Set([...stdout.matchAll(/^([a-z0-9][a-z0-9+.-]*)$/gm)].map((match) => match[1] ?? ""));
    const status = await runCommand("dpkg-query", ["-W", "-f=${Package} ${db:Status-Status}\n"]);
    for (const match of status.stdout.matchAll(/^(\S+) installed$/gm)) needed.delete(match[1] ?? "");
    const found = await Promise.all([...needed].map((dependency) => this.#candidate(dependency)));
    return found.filter((candidate) => candidate !== undefined);
  }

  #run(command: string, args: string[], cwd = this.#folder): Promise<CommandResult> {
    const options = [
      `Dir::Cache=${join(this.#folder, "cache")}`,
      "Debug::NoLocking=1",
      "APT::Sandbox::User=root",
      "APT::Color=0",
      ...(this.#hasOwnLists ? [`Dir::State::lists=${join(this.#folder, "lists")}`] : []),
    ].flatMap((option) => ["-o", option]);
    return runCommand(command, [...options, ...args], { cwd, env: { ...process.env, LC_ALL: "C" } });
  }
}

/** The distribution's release and processor, as one name for a folder: `debian-12-amd64`. */
export async function distributionName(): Promise<string> {
  const release = await runCommand("sh", [
    "-c",
    '. /etc/os-release && echo "$ID-${VERSION_ID:-$VERSION_CODENAME}"',
  ]);
  const processor = await runOrThrow("dpkg", ["--print-architecture"]);
  return `${release.stdout.trim() || "linux"}-${processor.stdout.trim()}`.replaceAll(/[^\w.-]/g, "_");
}

function parseSimulation(output: string): DebianPackage[] {
  return [...output.matchAll(/^Inst (\S+) (?:\[[^\]]*\] )?\((\S+) /gm)].map((match) => ({
    name: match[1] ?? "",
    version: match[2] ?? "",
  }));
}

function tail(result: CommandResult): string {
  return result.output.trim().split("\n").slice(-6).join("\n");
}
