import { useTranslation } from "react-i18next";
import { CandidateList } from "./CandidateList";
import { CoverageLines } from "./CoverageLines";
import { Notices } from "./Notices";
import { ReadAs } from "./ReadAs";
import type { Outcome } from "./useLookUp";

type Props = { outcome: Outcome; chosenId: string | null; onChoose: (id: string) => void };

/** What was understood, and who or what it may be. */
export function Found({ outcome: { found }, chosenId, onChoose }: Props) {
  const { t } = useTranslation();
  const { candidates } = found;
  const leads = candidates.filter((it) => it.is_lead).length;
  const others = candidates.length - leads;
  return (
    <div className="rows-scroll" data-testid="look-up-found">
      <ReadAs fields={found.read_as} />
      {candidates.length === 0 ? null : (
        <>
          <p className="found-count" role="status" data-testid="found-count">
            {t("lookUp.leadsOf", { count: leads })}
            {others > 0 ? ` · ${t("lookUp.othersOf", { count: others })}` : null}
          </p>
          <Notices found={found} />
          <CandidateList candidates={candidates} chosenId={chosenId} onChoose={onChoose} />
          <CoverageLines found={found} />
        </>
      )}
    </div>
  );
}
