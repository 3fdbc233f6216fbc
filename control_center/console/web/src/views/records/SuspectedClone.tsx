import { useTranslation } from "react-i18next";
import { term } from "../../i18n";

/** A vehicle with the very plate on record differs from it in these fields. */
export function SuspectedClone({ fields }: { fields: string[] }) {
  const { t } = useTranslation();
  if (fields.length === 0) return null;
  const names = fields.map((name) => term("field", name)).join(t("detail.suspectedCloneAnd"));
  return (
    <p className="notice" data-testid="suspected-clone">
      {t("detail.suspectedClone", { fields: names })}
    </p>
  );
}
