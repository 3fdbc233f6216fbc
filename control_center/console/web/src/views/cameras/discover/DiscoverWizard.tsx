import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { centersQuery } from "../../../api/identity";
import { addressesQuery, type DeviceLogin, discover, type FoundDevice, type ImportReport } from "../../../api/registering";
import type { Account } from "../../../api/types";
import { describe } from "../../../i18n/describe";
import { hrefOf } from "../../../shell/routing";
import { BusyButton } from "../../../ui/BusyButton";
import { count } from "../../../ui/format";
import { ProblemTable } from "../importing/ProblemTable";
import { ReportCounts } from "../importing/ReportCounts";
import { useLeaveGuard } from "../useLeaveGuard";
import { Wizard } from "../Wizard";
import { CheckStep } from "./CheckStep";
import { FoundStep } from "./FoundStep";
import { knownAmong } from "./known";
import { LoginStep } from "./LoginStep";
import { faultsOf, hostsOf, NO_PLACE, questionOf } from "./places";
import { joined, type Proposal, proposalsOf } from "./proposals";
import { useProbing } from "./useProbing";
import { WHERE_FORM, WhereStep } from "./WhereStep";

const STEPS = ["where", "found", "login", "check", "done"] as const;
type Step = (typeof STEPS)[number];

/** Hosts that somebody named, as if they had been found. */
const named = (hosts: readonly string[]): FoundDevice[] =>
  hosts.map((host) => ({ address: host, url: host, name: "", hardware: "", location: "" }));

/** From a network to registered cameras. Logins are kept in this component alone, and go with it. */
export function DiscoverWizard({ account }: { account: Account }) {
  const { t } = useTranslation();
  const [step, setStep] = useState<Step>("where");
  const [place, setPlace] = useState(NO_PLACE);
  const [isTold, setTold] = useState(false);
  const [devices, setDevices] = useState<FoundDevice[]>([]);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [proposals, setProposals] = useState<Proposal[]>([]);
  const [report, setReport] = useState<ImportReport | null>(null);
  const centers = useQuery(centersQuery).data ?? [];
  const addresses = useQuery(addressesQuery).data;
  const knownAt = useMemo(() => knownAmong(addresses ?? []), [addresses]);
  const { asked, progress, ask, stop } = useProbing();
  useLeaveGuard(devices.length > 0 && report === null, t("discover.leaveBody"));

  const show = (found: FoundDevice[]) => {
    setDevices(found);
    setChosen(new Set(found.filter((device) => knownAt(device.url).length === 0).map(({ url }) => url)));
    setStep("found");
  };
  const looking = useMutation({ mutationFn: discover, onSuccess: show });
  const look = () => {
    setTold(true);
    if (Object.keys(faultsOf(place)).length > 0 || looking.isPending) return;
    const question = questionOf(place);
    if (question) looking.mutate(question);
    else show(named(hostsOf(place.hosts)));
  };
  const wanted = devices.filter(({ url }) => chosen.has(url));
  const answered = wanted.flatMap(({ url }) => {
    const one = asked.get(url);
    return one?.state === "answered" ? [one] : [];
  });
  const center = homeOf(account, centers);
  const fresh = answered.flatMap(({ probe, login }) => proposalsOf(probe, { login, center, knownAt }));
  const propose = () => {
    setProposals(joined(proposals, fresh));
    setStep("check");
  };
  const frame = {
    steps: STEPS.map((name) => t(`discoverStep.${name}`)),
    current: STEPS.indexOf(step),
    testId: "discover-wizard",
  };
  switch (step) {
    case "where":
      return (
        <Wizard
          {...frame}
          tools={
            <BusyButton className="button button-primary" type="submit" form={WHERE_FORM} isBusy={looking.isPending} data-testid="discover-look">
              {t(looking.isPending ? "discover.looking" : place.kind === "hosts" ? "discover.goOn" : "discover.look")}
            </BusyButton>
          }
        >
          <WhereStep place={place} onChange={setPlace} isTold={isTold} onSubmit={look} />
          <p className="form-error" role="alert">
            {looking.error ? describe(looking.error) : null}
          </p>
        </Wizard>
      );
    case "found":
      return (
        <Wizard
          {...frame}
          onBack={() => setStep("where")}
          tools={<GoOn isDisabled={chosen.size === 0} onPress={() => setStep("login")} words={t("discover.toLogin", { n: count(chosen.size) })} />}
        >
          <FoundStep devices={devices} knownAt={knownAt} chosen={chosen} onChoose={setChosen} />
        </Wizard>
      );
    case "login":
      return (
        <Wizard
          {...frame}
          onBack={progress ? undefined : () => setStep("found")}
          tools={
            <GoOn
              isDisabled={fresh.length === 0 || progress !== null}
              onPress={propose}
              words={t("discover.toCheck", { n: count(fresh.length) })}
            />
          }
        >
          <LoginStep devices={wanted} asked={asked} progress={progress} onStop={stop} onAsk={(urls: string[], login: DeviceLogin | null) => void ask(urls, login)} />
        </Wizard>
      );
    case "check":
      return (
        <CheckStep
          frame={frame}
          proposals={proposals}
          centers={centers}
          onChange={setProposals}
          onBack={() => setStep("login")}
          onDone={(done) => {
            setReport(done);
            setStep("done");
          }}
        />
      );
    case "done":
      return (
        <Wizard
          {...frame}
          tools={
            <a className="button button-primary" href={hrefOf("cameras")} data-testid="to-cameras">
              {t("registering.toRegister")}
            </a>
          }
        >
          {report ? <Outcome report={report} /> : null}
        </Wizard>
      );
  }
}

function GoOn({ isDisabled, onPress, words }: { isDisabled: boolean; onPress: () => void; words: string }) {
  return (
    <BusyButton className="button button-primary" isBusy={false} isDisabled={isDisabled} onPress={onPress} data-testid="wizard-on">
      {words}
    </BusyButton>
  );
}

function Outcome({ report }: { report: ImportReport }) {
  const { t } = useTranslation();
  return (
    <>
      <p role="status" data-testid="discover-outcome">
        {report.written ? t("discover.isRegistered") : t("importing.notWritten")}
      </p>
      <ReportCounts report={report} />
      {report.problems.length > 0 ? <ProblemTable problems={report.problems} /> : null}
    </>
  );
}

/** Where new cameras are proposed: the center of the account, or the first in sight. */
function homeOf(account: Account, centers: readonly { id: string; code: string }[]): string {
  const own = centers.find(({ id }) => account.roles.some(({ center_id }) => center_id === id));
  return (own ?? centers[0])?.code ?? "";
}
