import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LanguageSwitch, ThemeSwitch } from "../../shell/switches";
import { Mark } from "../../ui/icons";

type Props = { title: string; footnote?: string; isWide?: boolean; children: ReactNode };

/** The card in front of the console: signing in, setting a password, enrolling a second factor. */
export function Entrance({ title, footnote, isWide = false, children }: Props) {
  const { t } = useTranslation();
  return (
    <main className="entrance">
      <div className="entrance-card" data-wide={isWide}>
        <header className="entrance-brand">
          <Mark />
          <span className="entrance-name">{t("app.name")}</span>
          <span className="entrance-tagline">{t("app.tagline")}</span>
        </header>
        <h1>{title}</h1>
        {children}
        {footnote ? <p className="entrance-footnote">{footnote}</p> : null}
      </div>
      <div className="entrance-switches">
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
    </main>
  );
}
