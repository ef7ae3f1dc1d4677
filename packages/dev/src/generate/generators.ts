/** Modules that export `generate(): Promise<GeneratedFile[]>`; paths from the root of the repository. */
export const generators: readonly string[] = [
  "packages/redis-core/scripts/generate-scripts.ts",
  "packages/redis-core/scripts/generate-keys-doc.ts",
  "apps/server/src/cli/generate-environment.ts",
];

export interface GeneratedFile {
  /** From the root of the repository. */
  path: string;
  content: string;
}

export type Generate = () => Promise<GeneratedFile[]>;
