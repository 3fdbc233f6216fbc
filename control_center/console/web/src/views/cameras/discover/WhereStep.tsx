import { useTranslation } from "react-i18next";
import { Entry, Words } from "../../../ui/fields";
import { Segments } from "../../../ui/Segments";
import { faultsOf, isSlow, type Place } from "./places";

type Props = { place: Place; onChange: (place: Place) => void; isTold: boolean; onSubmit: () => void };
const KINDS = ["interfaces", "range", "hosts"] as const;
export const WHERE_FORM = "discover-where";

/** Where devices are looked for: on this network, in a range of addresses, or at hosts that somebody knows. */
export function WhereStep({ place, onChange, isTold, onSubmit }: Props) {
  const { t } = useTranslation();
  const faults = isTold ? faultsOf(place) : {};
  /** A field of the form, and what is wrong with it or what it is for. */
  const field = (name: Exclude<keyof Place, "kind" | "hosts">) => ({
    label: t(`place.${name}`),
    name,
    value: place[name],
    onChange: (text: string) => onChange({ ...place, [name]: text }),
    isRequired: name !== "interfaces",
    isInvalid: name in faults,
    description: name in faults ? t(`placeFault.${name as keyof typeof faults}`) : t(`placeHint.${name}`),
  });
  return (
    <form
      id={WHERE_FORM}
      className="wizard-form"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
      data-testid="discover-where"
    >
      <Segments
        label={t("discover.where")}
        value={place.kind}
        options={KINDS.map((value) => ({ value, label: t(`placeKind.${value}`) }))}
        onChange={(kind) => onChange({ ...place, kind })}
        testId="discover-kind"
      />
      <p className="dialog-text">{t(`placeLead.${place.kind}`)}</p>
      {place.kind === "interfaces" ? (
        <>
          <Entry {...field("interfaces")} />
          <Entry {...field("seconds")} inputMode="numeric" />
        </>
      ) : null}
      {place.kind === "range" ? (
        <>
          <Entry {...field("range")} placeholder="10.0.0.0/24" />
          <Entry {...field("port")} inputMode="numeric" />
          <Entry {...field("rate")} inputMode="numeric" />
          {faultsOf(place).range || !isSlow(place) ? null : <p className="notice">{t("discover.slow")}</p>}
        </>
      ) : null}
      {place.kind === "hosts" ? (
        <Words
          label={t("place.hosts")}
          name="hosts"
          value={place.hosts}
          onChange={(hosts) => onChange({ ...place, hosts })}
          description={t(faults.hosts ? "placeFault.hosts" : "placeHint.hosts")}
          isInvalid={faults.hosts === true}
          rows={10}
          maxLength={200_000}
        />
      ) : null}
    </form>
  );
}
