import { useTranslation } from "react-i18next";
import type { Repair } from "../../api/repairs";
import { hrefOf } from "../../shell/routing";
import { SortHeading } from "../../ui/SortHeading";
import { useRowKeys } from "../../ui/useRowKeys";
import { RepairAge, RepairStateMark } from "./RepairMarks";
import { type Column, type Order, turned } from "./tickets";

type Props = { tickets: Repair[]; openId: string | null; order: Order; onOrder: (order: Order) => void };

export function RepairTable({ tickets, openId, order, onOrder }: Props) {
  const { t } = useTranslation();
  const body = useRowKeys<HTMLTableSectionElement>();
  const heading = (column: Column) => (
    <SortHeading
      column={column}
      label={t(`repairColumn.${column}`)}
      order={order}
      onTurn={() => onOrder(turned(order, column))}
    />
  );
  return (
    <table className="grid repair-table" data-testid="repair-table">
      <thead>
        <tr>
          {heading("camera")}
          <th scope="col">{t("repair.fault")}</th>
          <th scope="col">{t("loan.state")}</th>
          {heading("assigned")}
          {heading("age")}
        </tr>
      </thead>
      <tbody ref={body}>
        {tickets.map((ticket) => (
          <tr key={ticket.id} data-open={ticket.id === openId} data-testid="repair-row" data-state={ticket.state}>
            <th scope="row">
              <a
                className="grid-link"
                href={hrefOf("repairs", ticket.id)}
                aria-current={ticket.id === openId ? "true" : undefined}
                data-row
              >
                {ticket.camera.name}
              </a>
              <span className="grid-line quiet">
                <span translate="no">{ticket.camera.code}</span> {ticket.center_name}
              </span>
            </th>
            <td className="grid-words">{ticket.fault}</td>
            <td>
              <RepairStateMark state={ticket.state} />
            </td>
            <td>{ticket.assigned_to ?? <span className="quiet">{t("repair.nobody")}</span>}</td>
            <td>
              <RepairAge ticket={ticket} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
