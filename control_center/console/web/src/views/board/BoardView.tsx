import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { boardQuery } from "../../api/queries";
import type { Board, BoardCell, BoardName } from "../../api/types";
import { pick } from "../../i18n";
import { count } from "../../ui/format";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { Cell } from "./Cell";

export function BoardView() {
  const { t } = useTranslation();
  const query = useQuery(boardQuery);
  if (query.isPending) return <Skeleton rows={7} className="skeleton-page" />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.cells.length === 0) {
    return <EmptyState title={t("board.emptyTitle")}>{t("board.emptyBody")}</EmptyState>;
  }
  return <Grid board={query.data} />;
}

function Grid({ board }: { board: Board }) {
  const { t } = useTranslation();
  return (
    <div className="board">
      <header className="board-head">
        <h1>{t("board.title")}</h1>
        <p>{t("board.lead")}</p>
        <Legend />
      </header>
      <div className="board-scroll">
        <table className="board-table" data-testid="board">
          <thead>
            <tr>
              <th scope="col" className="board-corner">
                {t("board.list")}
              </th>
              {board.databases.map((database) => (
                <th key={database.name} scope="col">
                  {pick(database.title)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {board.lists.map((list) => (
              <Row key={list.name} board={board} list={list} />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{t("board.total")}</th>
              {board.databases.map(({ name }) => (
                <Total key={name} cells={board.cells.filter((cell) => cell.database === name)} />
              ))}
            </tr>
          </tfoot>
        </table>
      </div>
    </div>
  );
}

function Row({ board, list }: { board: Board; list: BoardName }) {
  return (
    <tr>
      <th scope="row">{pick(list.title)}</th>
      {board.databases.map((database) => {
        const cell = board.cells.find((item) => item.list === list.name && item.database === database.name);
        return (
          <td key={database.name}>
            {cell ? <Cell cell={cell} list={pick(list.title)} database={pick(database.title)} /> : null}
          </td>
        );
      })}
    </tr>
  );
}

function Total({ cells }: { cells: BoardCell[] }) {
  const { t } = useTranslation();
  const hits = cells.reduce((sum, cell) => sum + cell.hits, 0);
  const open = cells.reduce((sum, cell) => sum + cell.open_alerts, 0);
  return (
    <td className="board-total">
      <span>{t("board.hits")}</span> <b>{count(hits)}</b> <span>{t("board.openAlerts")}</span> <b>{count(open)}</b>
    </td>
  );
}

function Legend() {
  const { t } = useTranslation();
  return (
    <ul className="legend">
      <li>
        <i className="legend-open" aria-hidden="true" />
        {t("board.legendOpen")}
      </li>
      <li>
        <i className="legend-bar" aria-hidden="true" />
        {t("board.legendBar")}
      </li>
    </ul>
  );
}
