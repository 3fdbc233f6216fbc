import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { Candidate } from "../../api/lookUps";
import type { Account } from "../../api/types";
import { printOnly } from "../../shell/print";
import { Plate } from "../../ui/badges";
import { Evidence } from "../records/Evidence";
import { LeadNote } from "../records/LeadNote";
import { LegalBasis } from "../records/LegalBasis";
import { RecordFieldsTable } from "../records/RecordFieldsTable";
import { SuspectedClone } from "../records/SuspectedClone";
import { CollectionName } from "./CollectionName";
import { plateOf, subjectOf } from "./subjectOf";
import { ThisLookUp } from "./ThisLookUp";
import type { Outcome } from "./useLookUp";

/** As the engine names the differences of plates and numbers that may be misread for one another. */
const READ_OTHERWISE = new Set(["confusable", "one_edit"]);

type Props = { candidate: Candidate; outcome: Outcome; account: Account };

/** Why a record may be the same, what it says, and on what ground somebody is listed. */
export function CandidatePane({ candidate, outcome, account }: Props) {
  const { t } = useTranslation();
  const { explanation } = candidate;
  const recordTitle = t(candidate.kind === "list" ? "record.listed" : "record.reference");
  return (
    <article className="detail" data-testid="candidate-detail" data-lead={candidate.is_lead}>
      <div className="detail-scroll">
        <Head candidate={candidate} />
        <div className="detail-columns">
          <div>
            <Evidence
              title={t("lookUp.why")}
              explanation={explanation}
              probability={candidate.probability}
              left={t("lookUp.entered")}
              right={recordTitle}
            />
            <div className="records">
              <RecordFieldsTable title={t("lookUp.entered")} fields={outcome.entered} />
              <RecordFieldsTable title={recordTitle} fields={candidate.record} />
            </div>
          </div>
          <div>
            <LegalBasis listing={candidate.listing} />
            <ThisLookUp outcome={outcome} explanation={explanation} account={account} />
          </div>
        </div>
      </div>
      <footer className="actions">
        <LeadNote title={t("lookUp.lead")} body={t("lookUp.leadBody")} />
        <div className="actions-buttons no-print">
          <Button className="button" onPress={() => printOnly("look-up")} data-testid="print-candidate">
            {t("common.print")}
          </Button>
        </div>
      </footer>
    </article>
  );
}

function Head({ candidate }: { candidate: Candidate }) {
  const { t } = useTranslation();
  const plate = plateOf(candidate);
  const otherwise = candidate.explanation.fields.filter(({ level }) => READ_OTHERWISE.has(level));
  const isOther = otherwise.some(({ field }) => field === "plate");
  return (
    <header className="detail-head">
      <div className="detail-title">
        <h2>{plate ? <Plate plate={plate} isLarge /> : subjectOf(candidate)}</h2>
        <span className="detail-kind">
          <CollectionName kind={candidate.kind} name={candidate.collection} />
        </span>
        <span className={candidate.is_lead ? "chip chip-accent" : "chip"}>
          {t(candidate.is_lead ? "lookUp.isLead" : "lookUp.belowThreshold")}
        </span>
      </div>
      <dl className="facts">
        <div>
          <dt>{t("lookUp.recordId")}</dt>
          <dd translate="no">{candidate.record_id}</dd>
        </div>
        <div>
          <dt>{t("detail.center")}</dt>
          <dd>{candidate.center_name}</dd>
        </div>
      </dl>
      {otherwise.length > 0 ? (
        <p className="notice" data-testid="read-otherwise">
          {t(isOther ? "lookUp.readOtherwise" : "lookUp.numberReadOtherwise")}
        </p>
      ) : null}
      <SuspectedClone fields={candidate.explanation.suspected_clone ?? []} />
    </header>
  );
}
