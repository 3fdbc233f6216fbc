import { useTranslation } from "react-i18next";
import { Time } from "../../ui/Time";

export function Since({ us }: { us: number | null }) {
  const { t } = useTranslation();
  if (us === null) return null;
  return (
    <span className="since">
      {t("live.since")} <Time us={us} isBrief />
    </span>
  );
}
