const BROWSERS: [name: string, mark: RegExp][] = [
  ["Edge", /Edg\/(\d+)/],
  ["Opera", /OPR\/(\d+)/],
  ["Firefox", /Firefox\/(\d+)/],
  ["Chrome", /Chrom(?:e|ium)\/(\d+)/],
  ["Safari", /Version\/(\d+).*Safari/],
];
const SYSTEMS: [name: string, mark: RegExp][] = [
  ["Windows", /Windows/],
  ["Android", /Android/],
  ["iOS", /iPhone|iPad/],
  ["macOS", /Mac OS X/],
  ["Linux", /Linux|X11/],
];

/** A browser's long word about itself, in two words; what is no browser keeps its first word. */
export function browserOf(agent: string): string {
  const browser = BROWSERS.find(([, mark]) => mark.test(agent));
  if (!browser) return agent.split(" ")[0] ?? "";
  const [name, mark] = browser;
  const system = SYSTEMS.find(([, sign]) => sign.test(agent))?.[0];
  return [`${name} ${mark.exec(agent)?.[1] ?? ""}`, system].filter(Boolean).join(", ");
}
