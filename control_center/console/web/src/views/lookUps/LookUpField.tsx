import { useTranslation } from "react-i18next";
import type { Field } from "../../api/lookUps";
import { term } from "../../i18n";
import { Choice, Entry } from "../../ui/fields";

type Props = {
  name: Field;
  value: string;
  fault: string | undefined;
  isHinted: boolean;
  onChange: (value: string) => void;
};

const UNKNOWN = "-";
const CODES: Partial<Record<Field, readonly ("M" | "F" | "blue" | "yellow" | "green" | "white" | "black")[]>> = {
  sex: ["M", "F"],
  plate_colour: ["blue", "yellow", "green", "white", "black"],
};
const HINTS = { name: "nameHint", date_of_birth: "dateHint", place: "placeHint", plate: "plateHint" } as const;
const LONGEST = 200;

/** One field of the form: of codes one is chosen, all else is written. */
export function LookUpField({ name, value, fault, isHinted, onChange }: Props) {
  const { t } = useTranslation();
  const codes = CODES[name];
  if (codes) {
    return (
      <Choice
        label={term("field", name)}
        value={value === "" ? UNKNOWN : value}
        options={[UNKNOWN, ...codes].map((code) => ({
          value: code,
          label: code === UNKNOWN ? t("lookUp.unknown") : t(`value.${code as "M"}`),
        }))}
        onChange={(code) => onChange(code === UNKNOWN ? "" : code)}
        testId={`look-up-${name}`}
      />
    );
  }
  const hint = isHinted && name in HINTS ? t(`lookUp.${HINTS[name as keyof typeof HINTS]}`) : undefined;
  return (
    <Entry
      label={term("field", name)}
      name={name.replaceAll("_", "-")}
      value={value}
      onChange={onChange}
      isRequired={false}
      isInvalid={fault !== undefined}
      description={fault ?? hint}
      inputMode={name === "height_cm" ? "numeric" : "text"}
      maxLength={LONGEST}
    />
  );
}
