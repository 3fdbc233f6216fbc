import { useEffect } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { language, setLanguage } from "../i18n";
import { ThemeIcon } from "../ui/icons";
import { usePreference } from "./preferences";

/** Shows the name of the other language in that language, so that one who reads only that finds it. */
export function LanguageSwitch() {
  const { t } = useTranslation();
  const other = language() === "zh" ? "en" : "zh";
  const [glyph, name] = other === "zh" ? ["中", "简体中文"] : ["EN", "English"];
  return (
    <Button
      className="rail-button"
      aria-label={`${glyph}: ${name} (${t("menu.language")})`}
      data-testid="language-switch"
      onPress={() => setLanguage(other)}
    >
      <span className="rail-glyph" lang={other === "zh" ? "zh-CN" : "en"}>
        {glyph}
      </span>
    </Button>
  );
}

export function useTheme() {
  const [theme, setTheme] = usePreference("theme", "dark");
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  return [theme, setTheme] as const;
}

export function ThemeSwitch() {
  const { t } = useTranslation();
  const [theme, setTheme] = useTheme();
  const other = theme === "dark" ? "light" : "dark";
  return (
    <Button
      className="rail-button"
      aria-label={other === "dark" ? t("menu.toDark") : t("menu.toLight")}
      data-testid="theme-switch"
      onPress={() => setTheme(other)}
    >
      <ThemeIcon />
    </Button>
  );
}
