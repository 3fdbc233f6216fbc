import { Button } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Popover } from "react-aria-components/Popover";
import { useTranslation } from "react-i18next";
import type { BoardCell } from "../../api/types";
import { pick, term } from "../../i18n";
import { count } from "../../ui/format";
import { Time } from "../../ui/Time";

type Props = { cell: BoardCell; list: string; database: string };

export function Cell({ cell, list, database }: Props) {
  const { t } = useTranslation();
  const title = t("board.openCell", { list, database });
  return (
    <DialogTrigger>
      <Button
        className="cell"
        data-testid="board-cell"
        data-list={cell.list}
        data-database={cell.database}
        data-open={cell.open_alerts > 0}
        data-never={cell.finished_us === null}
      >
        {cell.finished_us === null ? (
          <span className="cell-never">{t("board.never")}</span>
        ) : (
          <CellFigures cell={cell} />
        )}
      </Button>
      <Popover className="popover" placement="bottom start" offset={6}>
        <Dialog className="popover-dialog" data-testid="board-popover">
          <Heading slot="title">{title}</Heading>
          <CellMeaning cell={cell} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function CellFigures({ cell }: { cell: BoardCell }) {
  const { t } = useTranslation();
  const all = cell.compared + cell.not_comparable;
  const share = all === 0 ? 0 : (100 * cell.compared) / all;
  return (
    <>
      <span className="cell-top">
        <span className="cell-hits" data-none={cell.hits === 0}>
          <b>{count(cell.hits)}</b> <span>{t("board.hits")}</span>
        </span>
        {cell.open_alerts > 0 ? (
          <span className="cell-open">
            <b>{count(cell.open_alerts)}</b> {t("board.openAlerts")}
          </span>
        ) : null}
      </span>
      <svg className="cell-bar" width="100%" height="4" aria-hidden="true">
        <rect className="cell-bar-all" width="100%" height="4" rx="2" />
        <rect className="cell-bar-compared" width={`${share}%`} height="4" rx="2" />
      </svg>
      <span className="cell-counts">
        <span>
          {t("board.compared")} <b>{count(cell.compared)}</b>
        </span>
        <span>
          {t("board.notComparable")} <b>{count(cell.not_comparable)}</b>
        </span>
      </span>
    </>
  );
}

function CellMeaning({ cell }: { cell: BoardCell }) {
  const { t } = useTranslation();
  return (
    <>
      <dl className="meaning">
        <dt>{t("board.purpose")}</dt>
        <dd>{pick(cell.purpose)}</dd>
        <dt>{t("board.meaning")}</dt>
        <dd>{pick(cell.meaning)}</dd>
        <dt>{t("board.action")}</dt>
        <dd>{pick(cell.action)}</dd>
        <dt>{t("board.keys")}</dt>
        <dd>
          {cell.keys.map((key) => (
            <span key={key} className="tag">
              {term("field", key)}
            </span>
          ))}
        </dd>
        <dt>{t("board.finished")}</dt>
        <dd>{cell.finished_us === null ? t("board.never") : <Time us={cell.finished_us} />}</dd>
      </dl>
      {cell.not_comparable > 0 ? <p className="popover-note">{t("board.notComparableHint")}</p> : null}
    </>
  );
}
