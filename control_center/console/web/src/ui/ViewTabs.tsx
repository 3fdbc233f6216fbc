import { useTranslation } from "react-i18next";
import { hrefOf, type NamedView } from "../shell/routing";

/** Views that belong together under one entry of the rail. */
export function ViewTabs({ views, current }: { views: readonly NamedView[]; current: NamedView }) {
  const { t } = useTranslation();
  return (
    <nav className="tabs" aria-label={t("nav.sections")}>
      {views.map((view) => (
        <a
          key={view}
          className="tab"
          href={hrefOf(view)}
          aria-current={view === current ? "page" : undefined}
          data-testid={`tab-${view}`}
        >
          {t(`nav.${view}`)}
        </a>
      ))}
    </nav>
  );
}
