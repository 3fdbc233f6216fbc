import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Recorded, Span } from "../../api/evidence";
import { share, size } from "../../ui/size";
import { shareRecorded } from "./spans";

type Props = { span: Span; recorded: Recorded | null; isBrief?: boolean };

/** What of a span is really there, so that nobody believes in a lock that came too late. */
export function RecordedShare({ span, recorded, isBrief = false }: Props) {
  const { t } = useTranslation();
  const [nowUs] = useState(() => Date.now() * 1000);
  if (recorded === null) return <span className="quiet">{t("recorded.elsewhere")}</span>;
  const found = shareRecorded({ ...span, recorded }, nowUs);
  const isAll = found === null || found > 0.995;
  return (
    <span className="recorded" data-testid="recorded" data-all={isAll}>
      {found === null ? t("recorded.toCome") : null}
      {found === 0 ? t("recorded.nothing") : null}
      {found !== null && found > 0 ? t(isAll ? "recorded.all" : "recorded.part", { share: share(found) }) : null}
      {isBrief ? null : <span className="quiet"> {size(recorded.bytes)}</span>}
      {recorded.is_whole ? null : <span className="recorded-fault">{t("recorded.diskSilent")}</span>}
    </span>
  );
}
