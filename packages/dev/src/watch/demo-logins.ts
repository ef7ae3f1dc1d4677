interface DemoLogin {
  username: string;
  role: string;
  password: string;
}

const shown = ["ada", "bo", "cy", "di"];

/** The demo logins as the running API tells them: `ada (admin), bo, cy, di; password …`. */
export async function listDemoLogins(apiUrl: string): Promise<string> {
  const logins = await fetchDemoLogins(apiUrl).catch(() => []);
  const known = logins.filter(({ username }) => shown.includes(username));
  const [first] = known;
  if (first === undefined) return "(demo logins are switched off)";
  const names = known.map(({ username, role }) => (role === "admin" ? `${username} (admin)` : username));
  return `${names.join(", ")}; password ${first.password}`;
}

async function fetchDemoLogins(apiUrl: string): Promise<DemoLogin[]> {
  const response = await fetch(`${apiUrl}/auth.demoLogins`, { signal: AbortSignal.timeout(3000) });
  const body: { result?: { data?: { logins?: DemoLogin[] } } } = JSON.parse(await response.text());
  return body.result?.data?.logins ?? [];
}
