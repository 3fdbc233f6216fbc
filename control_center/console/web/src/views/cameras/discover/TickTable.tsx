import type { ReactNode, Ref } from "react";
import { useTranslation } from "react-i18next";
import { RowGap, useRowsInSight } from "../rowsInSight";

type Props<T> = {
  className: string;
  testId: string;
  /** The columns after the one with the ticks; `column` is for those with a width of their own. */
  heads: readonly { label: string; column?: string }[];
  rows: readonly T[];
  /** As `registering.css` has it. */
  rowPx: number;
  body?: Ref<HTMLTableSectionElement>;
  children: (row: T, index: number) => ReactNode;
};

/** A long table whose rows are ticked; those in sight are drawn. */
export function TickTable<T>({ className, testId, heads, rows, rowPx, body, children }: Props<T>) {
  const { t } = useTranslation();
  const { scroller, look, first, end } = useRowsInSight(rowPx, rows.length);
  return (
    <div className="register-scroll" ref={scroller} onScroll={look}>
      <table className={`grid grid-fixed ${className}`} aria-rowcount={rows.length + 1} data-testid={testId}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" data-column="tick">
              <span className="visually-hidden">{t("discover.choose")}</span>
            </th>
            {heads.map(({ label, column }) => (
              <th key={label} scope="col" data-column={column}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          <RowGap rows={first} rowPx={rowPx} />
          {rows.slice(first, end).map((row, i) => children(row, first + i))}
          <RowGap rows={rows.length - end} rowPx={rowPx} />
        </tbody>
      </table>
    </div>
  );
}
