import { useTranslation } from "react-i18next";
import type { LookedUp } from "../../api/lookUps";
import { term } from "../../i18n";

/** Why what is shown may not be all there is. */
export function Notices({ found: { candidates, found, crowded, is_current: isCurrent } }: { found: LookedUp }) {
  const { t } = useTranslation();
  const keys = crowded.map((key) => term("field", key)).join(t("detail.suspectedCloneAnd"));
  return (
    <>
      {isCurrent ? null : (
        <p className="notice" data-testid="look-up-old">
          {t("lookUp.old")}
        </p>
      )}
      {crowded.length > 0 ? (
        <p className="notice" data-testid="look-up-crowded">
          {t("lookUp.crowded", { keys })}
        </p>
      ) : null}
      {found > candidates.length ? (
        <p className="notice" data-testid="look-up-cut">
          {t("lookUp.cut", { n: candidates.length, found })}
        </p>
      ) : null}
    </>
  );
}
