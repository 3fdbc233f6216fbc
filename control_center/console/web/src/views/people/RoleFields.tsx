import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { rolesQuery } from "../../api/identity";
import { RIGHTS, type Role } from "../../api/types";
import { term } from "../../i18n";
import { CenterPicker } from "../../ui/CenterPicker";
import { Choice } from "../../ui/fields";

export type Wanted = { role: Role | null; center: string | null };
type Props = { wanted: Wanted; onChange: (wanted: Wanted) => void; isLoan?: boolean };

/** A role and the center that it holds at. Each role says what it may do. */
export function RoleFields({ wanted, onChange, isLoan = false }: Props) {
  const { t } = useTranslation();
  const roles = (useQuery(rolesQuery).data ?? []).filter(({ lendable }) => lendable || !isLoan);
  return (
    <>
      <Choice
        label={t("person.role")}
        value={wanted.role}
        options={roles.map(({ role, rights }) => ({
          value: role,
          label: term("role", role),
          note: RIGHTS.filter((right) => right !== "enter" && rights.includes(right))
            .map((right) => term("right", right))
            .join(", "),
        }))}
        onChange={(role) => onChange({ ...wanted, role })}
        placeholder={t("common.choose")}
        testId="role-choice"
      />
      <CenterPicker
        label={t("person.atCenter")}
        value={wanted.center}
        onChange={(center) => onChange({ ...wanted, center })}
        placeholder={t("person.typeCenter")}
        testId="center-choice"
      />
      <p className="field-hint field-note">{t("person.reaches")}</p>
    </>
  );
}
