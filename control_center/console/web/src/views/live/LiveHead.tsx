import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { CAMERA_STATES, type Camera } from "../../api/types";
import { CameraStateMark } from "../../ui/badges";
import { count } from "../../ui/format";
import { NextIcon, PreviousIcon } from "../../ui/icons";
import { Segments } from "../../ui/Segments";
import { type Grid, GRIDS } from "./wall";

type Props = {
  cameras: Camera[];
  grid: Grid;
  onGrid: (grid: Grid) => void;
  page: number;
  pages: number;
  onTurn: (by: number) => void;
};

export function LiveHead({ cameras, grid, onGrid, page, pages, onTurn }: Props) {
  const { t } = useTranslation();
  return (
    <header className="live-head">
      <h1>{t("live.title")}</h1>
      <StateCounts cameras={cameras} />
      {pages > 1 ? (
        <div className="pager">
          <Button
            className="icon-button"
            aria-label={t("live.previous")}
            isDisabled={page === 0}
            onPress={() => onTurn(-1)}
          >
            <PreviousIcon />
          </Button>
          <span>{t("live.page", { page: page + 1, pages })}</span>
          <Button
            className="icon-button"
            aria-label={t("live.next")}
            isDisabled={page === pages - 1}
            onPress={() => onTurn(1)}
          >
            <NextIcon />
          </Button>
        </div>
      ) : null}
      <Segments
        label={t("live.grid")}
        value={grid}
        options={GRIDS.map((value) => ({ value, label: value }))}
        onChange={onGrid}
        testId="grid-switch"
      />
    </header>
  );
}

function StateCounts({ cameras }: { cameras: Camera[] }) {
  return (
    <ul className="state-counts">
      {CAMERA_STATES.map((state) => [state, cameras.filter((camera) => camera.state === state).length] as const)
        .filter(([, n]) => n > 0)
        .map(([state, n]) => (
          <li key={state}>
            <CameraStateMark state={state} /> <b>{count(n)}</b>
          </li>
        ))}
    </ul>
  );
}
