import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { Center } from "../../../api/identityTypes";
import type { DeviceStream, ImportProblem } from "../../../api/registering";
import { Entry } from "../../../ui/fields";
import { type EditedColumn, type Faults, numbered, type Proposal } from "./proposals";
import { TickTable } from "./TickTable";

/** As `registering.css` has it. */
const ROW_PX = 56;

type Props = {
  proposals: Proposal[];
  centers: Center[];
  faults: Faults;
  problems: ReadonlyMap<string, ImportProblem[]>;
  onChange: (proposals: Proposal[]) => void;
};

/** The cameras that would be registered, each cell to be edited, with what is wrong beside it. */
export function ProposalsStep({ proposals, centers, faults, problems, onChange }: Props) {
  const { t } = useTranslation();
  const edit = (key: string, part: Partial<Proposal>) =>
    onChange(proposals.map((proposal) => (proposal.key === key ? { ...proposal, ...part } : proposal)));
  return (
    <>
      <ForAll proposals={proposals} centers={centers} onChange={onChange} />
      <TickTable
        className="proposal-table"
        testId="proposal-table"
        heads={[
          { label: t("discover.device"), column: "device" },
          { label: t("register.code"), column: "code" },
          { label: t("register.name") },
          { label: t("register.center") },
          { label: t("register.main") },
          { label: t("register.sub") },
        ]}
        rows={proposals}
        rowPx={ROW_PX}
      >
        {(proposal, i) => (
          <ProposalRow
            key={proposal.key}
            proposal={proposal}
            index={i}
            centers={centers}
            faults={faults.get(proposal.key)}
            problems={problems.get(proposal.key)}
            onEdit={edit}
          />
        )}
      </TickTable>
    </>
  );
}

/** What is done to all chosen ones at once: running numbers, one center. */
function ForAll({ proposals, centers, onChange }: Pick<Props, "proposals" | "centers" | "onChange">) {
  const { t } = useTranslation();
  const [prefix, setPrefix] = useState("");
  const [first, setFirst] = useState("001");
  const place = (center: string) =>
    onChange(proposals.map((proposal) => (proposal.isChosen ? { ...proposal, center } : proposal)));
  return (
    <div className="for-all" role="group" aria-label={t("discover.forAll")}>
      <Entry label={t("discover.prefix")} name="code-prefix" value={prefix} onChange={setPrefix} isRequired={false} maxLength={50} />
      <Entry label={t("discover.firstNumber")} name="code-first" value={first} onChange={setFirst} inputMode="numeric" maxLength={9} />
      <Button
        className="button"
        isDisabled={!/^\d+$/.test(first.trim())}
        onPress={() => onChange(numbered(proposals, prefix.trim(), first))}
        data-testid="number-codes"
      >
        {t("discover.number")}
      </Button>
      <label className="field">
        <span className="field-label">{t("discover.centerForAll")}</span>
        <select className="input" value="" onChange={({ target }) => place(target.value)} data-testid="center-for-all">
          <option value="" disabled>
            {t("common.choose")}
          </option>
          <CenterOptions centers={centers} />
        </select>
      </label>
    </div>
  );
}

const CenterOptions = ({ centers }: { centers: Center[] }) =>
  centers.map(({ code, name }) => (
    <option key={code} value={code}>
      {name}
    </option>
  ));

type RowProps = {
  proposal: Proposal;
  index: number;
  centers: Center[];
  faults: Partial<Record<EditedColumn, string>> | undefined;
  problems: ImportProblem[] | undefined;
  onEdit: (key: string, part: Partial<Proposal>) => void;
};

const COLUMNS: readonly EditedColumn[] = ["code", "name", "center", "main_url", "sub_url"];

function ProposalRow({ proposal, index, centers, faults, problems, onEdit }: RowProps) {
  const { t } = useTranslation();
  const { key, isChosen, streams, probe, known } = proposal;
  const place = new URL(probe.url).host;
  /** What is wrong in a cell; what the server says of columns that are not shown stands at the code. */
  const faultIn = (column: EditedColumn): string | null => {
    const own = faults?.[column];
    if (own) return t(`proposalFault.${own as "missing"}`);
    const told = problems?.find((problem) =>
      column === "code" ? !COLUMNS.some((shown) => shown !== "code" && shown === problem.column) : problem.column === column,
    );
    return told ? [told.column === column ? "" : `${told.column}:`, told.what, told.mend].filter(Boolean).join(" ") : null;
  };
  const cell = (column: EditedColumn, label: string) => {
    const fault = isChosen ? faultIn(column) : null;
    return {
      className: "input",
      "aria-label": `${label}, ${place} ${index + 1}`,
      "aria-invalid": fault !== null,
      ...(fault === null ? {} : { "aria-describedby": `${key}-${column}`, "data-invalid": true }),
      disabled: !isChosen,
      value: proposal[column],
      onChange: ({ target }: { target: { value: string } }) => onEdit(key, { [column]: target.value }),
      "data-cell": column,
    };
  };
  const fault = (column: EditedColumn) => {
    const words = isChosen ? faultIn(column) : null;
    return words === null ? null : (
      <span className="cell-fault" id={`${key}-${column}`} title={words} data-testid="cell-fault">
        {words}
      </span>
    );
  };
  return (
    <tr aria-rowindex={index + 2} data-past={!isChosen} data-testid="proposal-row">
      <td>
        <input
          type="checkbox"
          checked={isChosen}
          onChange={({ target }) => onEdit(key, { isChosen: target.checked })}
          aria-label={t("discover.chooseOne", { address: `${place} ${index + 1}` })}
        />
      </td>
      <td title={`${probe.information.maker} ${probe.information.model}`}>
        <span translate="no">{place}</span>
        <span className="grid-line quiet">
          {known ? t("discover.knownAs", { code: known.code }) : probe.information.model}
        </span>
      </td>
      <td>
        <input {...cell("code", t("register.code"))} maxLength={64} />
        {fault("code")}
      </td>
      <td>
        <input {...cell("name", t("register.name"))} maxLength={200} />
        {fault("name")}
      </td>
      <td>
        <select {...cell("center", t("register.center"))}>
          {proposal.center === "" ? <option value="">{t("common.choose")}</option> : null}
          <CenterOptions centers={centers} />
        </select>
        {fault("center")}
      </td>
      <td>
        <select {...cell("main_url", t("register.main"))}>
          <StreamOptions streams={streams} />
        </select>
        {fault("main_url")}
      </td>
      <td>
        <select {...cell("sub_url", t("register.sub"))}>
          <option value="">{t("discover.noSub")}</option>
          <StreamOptions streams={streams} />
        </select>
        {fault("sub_url")}
      </td>
    </tr>
  );
}

const StreamOptions = ({ streams }: { streams: DeviceStream[] }) =>
  streams.map(({ url, profile }) => (
    <option key={url} value={url} title={url}>
      {[profile.encoding, `${profile.width} × ${profile.height}`, profile.name].filter(Boolean).join(" · ")}
    </option>
  ));
