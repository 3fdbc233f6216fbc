import { useTranslation } from "react-i18next";
import type { Candidate } from "../../api/lookUps";
import { Plate } from "../../ui/badges";
import { probability, shownField } from "../../ui/format";
import { CollectionName } from "./CollectionName";
import { plateOf, subjectOf } from "./subjectOf";

/** What tells records of one name apart; the first two of these that a record has are shown. */
const TOLD = ["date_of_birth", "id_number", "document_number", "plate", "make", "colour"];

type Props = { candidate: Candidate; isChosen: boolean; onChoose: (id: string) => void };

export function CandidateRow({ candidate, isChosen, onChoose }: Props) {
  useTranslation(); // the language decides the names
  const plate = plateOf(candidate);
  const told = TOLD.filter((field) => field !== "plate" || plate === null).map((field) => shownField(field, candidate.record[field]));
  return (
    // The list box around takes the keys for all rows.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={rowId(candidate.id)}
      className="row"
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      data-testid="candidate"
      data-kind={candidate.kind}
      data-collection={candidate.collection}
      data-lead={candidate.is_lead}
      onClick={() => onChoose(candidate.id)}
    >
      <div className="row-top">
        {plate ? <Plate plate={plate} /> : <b className="row-subject">{subjectOf(candidate)}</b>}
        <span className="row-chance">{probability(candidate.probability)}</span>
      </div>
      <div className="row-middle">
        <CollectionName kind={candidate.kind} name={candidate.collection} />
      </div>
      <div className="row-bottom">
        <span className="row-told">{told.filter(Boolean).slice(0, 2).join(" · ")}</span>
        <span className="row-place">{candidate.center_name}</span>
      </div>
    </div>
  );
}

export const rowId = (id: string) => `candidate-${id}`;
