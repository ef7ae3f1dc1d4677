/** What every process needs to run at all. Nothing else of the environment reaches who is measured. */
export function bareEnv(): Record<string, string> {
  const { PATH = "", HOME = "", TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR !== undefined && { TMPDIR }) };
}
