import { useTranslation } from "react-i18next";
import { healthOf } from "../../api/health";
import type { Camera } from "../../api/types";
import { hrefOf } from "../../shell/routing";
import { HealthShapeIcon } from "../../ui/HealthMark";
import { useRowWalk } from "../../ui/rowWalk";
import { useRowsInSight } from "../cameras/rowsInSight";

/** As `map.css` has it. */
const ROW_PX = 48;

type Props = {
  cameras: Camera[];
  /** Those that are on the map. */
  placed: ReadonlySet<string>;
  openId: string | null;
  onFocus: (cameraId: string | null) => void;
};

/** The cameras of the map in words; the rows in sight are drawn. */
export function MapList({ cameras, placed, openId, onFocus }: Props) {
  const { t } = useTranslation();
  const { scroller, look, first, end } = useRowsInSight(ROW_PX, cameras.length);
  useRowWalk({ scroller, ids: cameras.map(({ id }) => id), openId, rowPx: ROW_PX, headPx: 0 });
  return (
    <div className="map-scroll" ref={scroller} onScroll={look}>
      <ul
        className="map-list"
        aria-label={t("map.list")}
        style={{ paddingTop: first * ROW_PX, paddingBottom: (cameras.length - end) * ROW_PX }}
        data-testid="map-list"
      >
        {cameras.slice(first, end).map((camera, i) => (
          <li
            key={camera.id}
            aria-posinset={first + i + 1}
            aria-setsize={cameras.length}
            data-camera-id={camera.id}
            data-testid="map-row"
          >
            <Row camera={camera} isPlaced={placed.has(camera.id)} isOpen={camera.id === openId} onFocus={onFocus} />
          </li>
        ))}
      </ul>
    </div>
  );
}

type RowProps = { camera: Camera; isPlaced: boolean; isOpen: boolean; onFocus: Props["onFocus"] };

function Row({ camera, isPlaced, isOpen, onFocus }: RowProps) {
  const { t } = useTranslation();
  const health = healthOf(camera);
  return (
    <a
      className="map-row"
      href={hrefOf("map", camera.id)}
      aria-current={isOpen ? "true" : undefined}
      onFocus={() => onFocus(camera.id)}
      onBlur={() => onFocus(null)}
    >
      <HealthShapeIcon state={health} />
      <span className="map-row-words">
        <b title={camera.name}>{camera.name}</b>
        <span className="quiet">
          <span translate="no">{camera.code}</span> · {t(`health.${health}`)}
          {isPlaced ? null : ` · ${t("map.noPosition")}`}
        </span>
      </span>
    </a>
  );
}
