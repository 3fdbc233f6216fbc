import { useTranslation } from "react-i18next";
import { Entry, FieldGroup, Tick } from "../../../ui/fields";
import { Segments } from "../../../ui/Segments";
import { type Column, type Datum, DATUMS, type Draft, type DraftField, type DraftFault, GROUPS, type GroupName, NEEDED } from "./columns";

type Props = {
  draft: Draft;
  onEdit: (part: Partial<Draft>) => void;
  /** What the form itself finds; shown once somebody tried to save. */
  faults: Partial<Record<DraftField, DraftFault>>;
  /** What the server said of a field. */
  refused: Record<string, string>;
  hasLogin: boolean;
};

const HINTED = new Set<Column>(["main_url", "onvif_url", "mac", "gb28181_id", "azimuth_deg", "tilt_deg", "installed_on", "purpose_review_on", "sign_evidence"]);
const LONGEST = 1024;

/** Every column of a camera, in groups. */
export function CameraFields({ draft, onEdit, faults, refused, hasLogin }: Props) {
  const { t } = useTranslation();
  const field = (name: Column | "username" | "password", hint?: string) => {
    const fault = faults[name];
    const words = fault ? t(`columnFault.${fault}`) : refused[name];
    return {
      label: t(`column.${name}`),
      name: name.replaceAll("_", "-"),
      value: draft[name],
      onChange: (text: string) => onEdit({ [name]: text }),
      isRequired: (NEEDED as readonly string[]).includes(name),
      isInvalid: words !== undefined,
      description: words ?? hint,
      maxLength: LONGEST,
    };
  };
  const columnField = (column: Column) => (
    <Entry key={column} {...field(column, HINTED.has(column) ? t(`columnHint.${column as "mac"}`) : undefined)} />
  );
  const extra: Partial<Record<GroupName, React.ReactNode>> = {
    where: <DatumChoice value={draft.datum} onChange={(datum) => onEdit({ datum })} />,
    reach: (
      <div className="field">
        <Tick isSelected={!draft.disabled} onChange={(isUsed) => onEdit({ disabled: !isUsed })}>
          {t("cameraForm.used")}
        </Tick>
        <span className="field-hint">{refused["disabled"] ?? t("cameraForm.usedHint")}</span>
      </div>
    ),
  };
  return (
    <div className="form-groups">
      {GROUPS.map(([group, columns]) => (
        <fieldset key={group} className="form-group" data-testid={`group-${group}`}>
          <legend>{t(`columnGroup.${group}`)}</legend>
          {columns.map(columnField)}
          {extra[group]}
        </fieldset>
      ))}
      <fieldset className="form-group" data-testid="group-login">
        <legend>{t("columnGroup.login")}</legend>
        <Entry {...field("username")} />
        <Entry
          {...field("password", t(hasLogin ? "cameraForm.passwordKept" : "cameraForm.passwordNone"))}
          type="password"
          autoComplete="new-password"
        />
      </fieldset>
    </div>
  );
}

function DatumChoice({ value, onChange }: { value: Datum; onChange: (datum: Datum) => void }) {
  const { t } = useTranslation();
  return (
    <FieldGroup label={t("column.datum")}>
      <Segments
        label={t("column.datum")}
        value={value}
        options={DATUMS.map((datum) => ({ value: datum, label: datum === "wgs84" ? "WGS 84" : "GCJ-02" }))}
        onChange={onChange}
      />
      <span className="field-hint">{t("cameraForm.datumHint")}</span>
    </FieldGroup>
  );
}
