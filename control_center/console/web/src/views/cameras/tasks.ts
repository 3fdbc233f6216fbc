export const TASKS = ["discover", "import", "add", "passwords"] as const;
/** They stand where a camera's identifier stands in the address; no identifier is such a word. */
export type Task = (typeof TASKS)[number];

export const taskOf = (id: string | null): Task | null => TASKS.find((task) => task === id) ?? null;
