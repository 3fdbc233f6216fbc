import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { CameraAddress, FoundDevice } from "../../../api/registering";
import { hrefOf } from "../../../shell/routing";
import { count } from "../../../ui/format";
import { EmptyState } from "../../../ui/states";
import { useRowKeys } from "../../../ui/useRowKeys";
import type { KnownAt } from "./known";
import { TickTable } from "./TickTable";

/** As `registering.css` has it. */
const ROW_PX = 34;

type Props = {
  devices: FoundDevice[];
  knownAt: KnownAt;
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
};

/** What answered, and which of it is to be asked. */
export function FoundStep({ devices, knownAt, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  if (devices.length === 0) {
    return <EmptyState title={t("discover.noneTitle")}>{t("discover.noneBody")}</EmptyState>;
  }
  const fresh = devices.filter((device) => knownAt(device.url).length === 0).map(({ url }) => url);
  return (
    <>
      <div className="found-tools">
        <span role="status" data-testid="discover-count">
          {t("discover.chosenOf", { n: count(chosen.size), total: count(devices.length) })}
        </span>
        <Button className="button button-small" onPress={() => onChoose(new Set(fresh))} data-testid="choose-new">
          {t("discover.chooseNew", { n: count(fresh.length) })}
        </Button>
        <Button className="button button-small" onPress={() => onChoose(new Set(devices.map(({ url }) => url)))}>
          {t("discover.chooseAll")}
        </Button>
        <Button className="button button-small" onPress={() => onChoose(new Set())}>
          {t("discover.chooseNone")}
        </Button>
      </div>
      <FoundTable devices={devices} knownAt={knownAt} chosen={chosen} onChoose={onChoose} />
    </>
  );
}

function FoundTable({ devices, knownAt, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  const body = useRowKeys<HTMLTableSectionElement>();
  const turn = (url: string) => {
    const next = new Set(chosen);
    if (!next.delete(url)) next.add(url);
    onChoose(next);
  };
  return (
    <TickTable
      className="found-table"
      testId="found-table"
      heads={[
        { label: t("discover.address"), column: "address" },
        { label: t("discover.name") },
        { label: t("discover.hardware") },
        { label: t("discover.location") },
        { label: t("discover.known") },
      ]}
      rows={devices}
      rowPx={ROW_PX}
      body={body}
    >
      {(device, i) => (
        <tr key={device.url} aria-rowindex={i + 2} data-url={device.url} data-testid="found-row">
          <td>
            <input
              type="checkbox"
              data-row
              checked={chosen.has(device.url)}
              onChange={() => turn(device.url)}
              aria-label={t("discover.chooseOne", { address: device.address })}
            />
          </td>
          <td translate="no" title={device.url}>{device.address}</td>
          <td title={device.name}>{device.name}</td>
          <td title={device.hardware}>{device.hardware}</td>
          <td title={device.location}>{device.location}</td>
          <td>
            <Known cameras={knownAt(device.url)} />
          </td>
        </tr>
      )}
    </TickTable>
  );
}

/** The first camera that is registered at this host, and how many more. */
function Known({ cameras }: { cameras: CameraAddress[] }) {
  const { t } = useTranslation();
  const [first] = cameras;
  if (!first) return <span className="quiet">{t("discover.new")}</span>;
  return (
    <>
      <a href={hrefOf("cameras", first.id)} title={first.name} translate="no">{first.code}</a>
      {cameras.length > 1 ? <span className="quiet"> + {count(cameras.length - 1)}</span> : null}
    </>
  );
}
