import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Text } from "../api/types";
import { preferences } from "../shell/preferences";
import { en } from "./en";
import { zh } from "./zh";

export type Language = "zh" | "en";
export const LOCALE: Record<Language, string> = { zh: "zh-CN", en: "en-GB" };

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
    returnNull: false;
  }
}

export function browserLanguage(languages: readonly string[]): Language {
  return languages[0]?.toLowerCase().startsWith("zh") ? "zh" : "en";
}

void i18next.use(initReactI18next).init({
  lng: preferences.get("language") ?? browserLanguage(navigator.languages),
  fallbackLng: "en",
  resources: { zh: { translation: zh }, en: { translation: en } },
  interpolation: { escapeValue: false }, // React escapes
});

const showLanguage = () => {
  document.documentElement.lang = LOCALE[language()];
};
i18next.on("languageChanged", showLanguage);
showLanguage();

export function language(): Language {
  return i18next.language.startsWith("zh") ? "zh" : "en";
}

export function setLanguage(next: Language): void {
  preferences.set("language", next);
  void i18next.changeLanguage(next);
}

/** A text the server sends in both languages. */
export function pick(text: Text): string {
  return text[language()] || text.en || text.zh;
}

/** The translation of a name from the server's open vocabulary; the name itself, made readable, when we have none. */
export function term(section: "field" | "agreement" | "ground" | "list" | "database" | "action" | "look" | "role" | "right", name: string): string {
  return i18next.exists(`${section}.${name}`)
    ? i18next.t(`${section}.${name}` as "field.name")
    : name.replaceAll("_", " ");
}
