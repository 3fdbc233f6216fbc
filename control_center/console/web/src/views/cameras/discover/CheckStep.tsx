import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Center } from "../../../api/identityTypes";
import { camerasQuery, keys } from "../../../api/queries";
import { type ImportReport, registeringKeys } from "../../../api/registering";
import { describe } from "../../../i18n/describe";
import { BusyButton } from "../../../ui/BusyButton";
import { count } from "../../../ui/format";
import { Wizard } from "../Wizard";
import { byProposal, cameraOf, faultsOf, type Proposal } from "./proposals";
import { ProposalsStep } from "./ProposalsStep";
import { registerAll } from "./registering";

type Props = {
  frame: { steps: string[]; current: number; testId: string };
  proposals: Proposal[];
  centers: Center[];
  onChange: (proposals: Proposal[]) => void;
  onBack: () => void;
  onDone: (report: ImportReport) => void;
};

/** What would be registered: edited, tried without writing, and only then written. */
export function CheckStep({ frame, proposals, centers, onChange, onBack, onDone }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const cameras = useQuery(camerasQuery).data ?? [];
  const sent = proposals.filter(({ isChosen }) => isChosen);
  const register = (isTrial: boolean) => registerAll(sent.map(cameraOf), isTrial);
  const trial = useMutation({ mutationFn: () => register(true) });
  const writing = useMutation({
    mutationFn: () => register(false),
    onSuccess: onDone,
    onSettled: () => Promise.all([keys.cameras, keys.overview, registeringKeys.addresses].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  const idOf = new Map(centers.map(({ code, id }) => [code, id]));
  const taken = new Set(cameras.map(({ center_id, code }) => `${center_id} ${code}`));
  const faults = faultsOf(proposals, (center, code) => taken.has(`${idOf.get(center)} ${code}`));
  const isBusy = trial.isPending || writing.isPending;
  const isTried = trial.data !== undefined && trial.data.problems.length === 0;
  const isGood = sent.length > 0 && faults.size === 0 && !isBusy;
  const edit = (next: Proposal[]) => {
    if (isBusy) return;
    trial.reset(); // what was tried is not what would be written
    onChange(next);
  };
  return (
    <Wizard
      {...frame}
      onBack={isBusy ? undefined : onBack}
      tools={
        <>
          <span className="quiet" role="status" data-testid="check-status">
            {faults.size > 0 ? t("discover.faulty", { n: count(faults.size) }) : null}
            {isTried ? t("discover.tried") : null}
            {trial.data && !isTried ? t("importing.problemsOf", { n: count(trial.data.problems.length) }) : null}
          </span>
          <BusyButton className="button" isDisabled={!isGood || isTried} isBusy={trial.isPending} onPress={() => trial.mutate()} data-testid="discover-try">
            {t("discover.try")}
          </BusyButton>
          <BusyButton
            className="button button-primary"
            isDisabled={!isGood || !isTried}
            isBusy={writing.isPending}
            onPress={() => writing.mutate()}
            data-testid="discover-register"
          >
            {t("discover.register", { n: count(sent.length) })}
          </BusyButton>
        </>
      }
    >
      <ProposalsStep
        proposals={proposals}
        centers={centers}
        faults={faults}
        problems={byProposal(trial.data?.problems ?? [], sent)}
        onChange={edit}
      />
      <p className="form-error" role="alert">
        {[trial.error, writing.error].filter((error) => error !== null).map(describe).join(" ")}
      </p>
    </Wizard>
  );
}
