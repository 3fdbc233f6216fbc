import { useSyncExternalStore } from "react";

type Preferences = { language: "zh" | "en"; theme: "dark" | "light"; sound: "on" | "off"; grid: "1" | "4" | "6" | "9" };

const ALLOWED: { [K in keyof Preferences]: readonly Preferences[K][] } = {
  language: ["zh", "en"],
  theme: ["dark", "light"],
  sound: ["on", "off"],
  grid: ["1", "4", "6", "9"],
};
const PREFIX = "vedette.";
const listeners = new Set<() => void>();

/** What an operator chose at this desk; kept by the browser. */
export const preferences = {
  get<K extends keyof Preferences>(key: K): Preferences[K] | null {
    const stored = localStorage.getItem(PREFIX + key);
    return ALLOWED[key].find((value) => value === stored) ?? null;
  },
  set<K extends keyof Preferences>(key: K, value: Preferences[K]): void {
    localStorage.setItem(PREFIX + key, value);
    for (const listener of listeners) listener();
  },
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreference<K extends keyof Preferences>(key: K, initial: Preferences[K]) {
  const value = useSyncExternalStore(subscribe, () => preferences.get(key)) ?? initial;
  return [value, (next: Preferences[K]) => preferences.set(key, next)] as const;
}
