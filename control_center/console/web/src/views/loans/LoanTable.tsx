import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { endLoan, identityKeys } from "../../api/identity";
import type { Loan } from "../../api/identityTypes";
import { useAct } from "../../shell/useAct";
import { RoleName } from "../../ui/badges";
import { Time } from "../../ui/Time";
import { useRowKeys } from "../../ui/useRowKeys";

const TONE: Record<Loan["state"], string> = { in_force: "good", over: "off", revoked: "off" };

export function LoanTable({ loans }: { loans: Loan[] }) {
  const { t } = useTranslation();
  const body = useRowKeys<HTMLTableSectionElement>();
  const { act, isPending } = useAct();
  const end = (loan: Loan) =>
    act({
      question: {
        title: t("loan.endTitle", { name: loan.display_name }),
        body: t("loan.endBody"),
        action: t("loan.end"),
      },
      run: () => endLoan(loan.id),
      done: t("loan.ended"),
      touches: [identityKeys.loans, identityKeys.person(loan.account_id)],
    });
  return (
    <table className="grid" data-testid="loan-table">
      <thead>
        <tr>
          <th scope="col">{t("session.who")}</th>
          <th scope="col">{t("person.role")}</th>
          <th scope="col">{t("detail.center")}</th>
          <th scope="col">{t("loan.state")}</th>
          <th scope="col">{t("loan.until")}</th>
          <th scope="col">{t("act.reason")}</th>
          <th scope="col">{t("loan.lentBy")}</th>
          <th scope="col">
            <span className="visually-hidden">{t("act.label")}</span>
          </th>
        </tr>
      </thead>
      <tbody ref={body}>
        {loans.map((loan) => (
          <tr key={loan.id} data-testid="loan-row" data-past={loan.state !== "in_force"}>
            <th scope="row">
              {loan.display_name}{" "}
              <span className="quiet" translate="no">
                {loan.username}
              </span>
            </th>
            <td>
              <RoleName role={loan.role} />
            </td>
            <td>{loan.center_name}</td>
            <td>
              <span className="status-mark" data-tone={TONE[loan.state]}>
                <i className="lamp" aria-hidden="true" />
                {t(`loanState.${loan.state}`)}
              </span>
            </td>
            <td>
              <Time us={loan.until_us} isBrief />
            </td>
            <td className="grid-words">{loan.reason}</td>
            <td>
              {loan.granted_by} <Time us={loan.granted_us} isBrief />
            </td>
            <td className="grid-tools">
              {loan.state === "in_force" ? (
                <Button
                  className="button button-small"
                  isDisabled={isPending}
                  aria-label={t("loan.endOf", { name: loan.display_name })}
                  onPress={() => end(loan)}
                  data-row
                  data-testid="end-loan"
                >
                  {t("loan.end")}
                </Button>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
