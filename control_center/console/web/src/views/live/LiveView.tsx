import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { camerasQuery } from "../../api/queries";
import type { Account, Camera } from "../../api/types";
import { useKeys } from "../../shell/keymap";
import { usePreference } from "../../shell/preferences";
import { go } from "../../shell/routing";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states";
import { Enlarged } from "./Enlarged";
import { LiveHead } from "./LiveHead";
import { Tile } from "./Tile";
import { fitting, neighbour, onPage, pageCount, type Point, sizeOf } from "./wall";

type Props = { enlargedId: string | null; account: Account };

export function LiveView({ enlargedId, account }: Props) {
  const { t } = useTranslation();
  const query = useQuery(camerasQuery);
  if (query.isPending) return <Skeleton rows={6} className="skeleton-wall" />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.length === 0) return <EmptyState title={t("live.emptyTitle")}>{t("live.emptyBody")}</EmptyState>;
  const enlarged = query.data.find(({ id }) => id === enlargedId) ?? null;
  return <Wall cameras={query.data} enlarged={enlarged} account={account} />;
}

type WallProps = { cameras: Camera[]; enlarged: Camera | null; account: Account };

function Wall({ cameras, enlarged, account }: WallProps) {
  const { t } = useTranslation();
  const [chosen, setGrid] = usePreference("grid", "6");
  const grid = fitting(chosen, cameras.length);
  const [chosenPage, setPage] = useState(0);
  const pages = pageCount(cameras.length, grid);
  const page = Math.min(chosenPage, pages - 1);
  const shown = onPage(cameras, grid, page);
  const turn = (by: number) => setPage(Math.max(0, Math.min(pages - 1, page + by)));
  useKeys({
    grid1: () => setGrid("1"),
    grid4: () => setGrid("4"),
    grid6: () => setGrid("6"),
    grid9: () => setGrid("9"),
    nextPage: () => turn(1),
    previousPage: () => turn(-1),
  });

  return (
    <div className="live">
      <LiveHead cameras={cameras} grid={chosen} onGrid={setGrid} page={page} pages={pages} onTurn={turn} />
      {/* Arrow keys move between the tiles, which are buttons themselves. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <ul className="wall" data-grid={grid} aria-label={t("live.wall")} onKeyDown={walk}>
        {/* Behind the large picture the wall rests: one stream is played, not ten. */}
        {shown.map((camera, i) => (
          <Tile
            key={camera.id}
            camera={camera}
            size={sizeOf(grid, i)}
            isPlaying={enlarged === null}
            onEnlarge={() => go("live", camera.id)}
          />
        ))}
      </ul>
      <Enlarged camera={enlarged} account={account} onClose={() => go("live")} />
    </div>
  );
}

function walk(event: KeyboardEvent<HTMLElement>): void {
  const tiles = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-testid=live-tile] > button")];
  const at = tiles.indexOf(event.target as HTMLElement);
  const next = neighbour(tiles.map(centreOf), at, event.key);
  if (next === at) return;
  event.preventDefault();
  tiles[next]?.focus();
}

function centreOf(element: HTMLElement): Point {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}
