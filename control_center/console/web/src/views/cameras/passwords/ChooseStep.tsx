import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { centersQuery } from "../../../api/identity";
import { MOST_CAMERAS } from "../../../api/rotations";
import type { Camera } from "../../../api/types";
import { CenterPicker } from "../../../ui/CenterPicker";
import { Search } from "../../../ui/fields";
import { count } from "../../../ui/format";
import { Segments } from "../../../ui/Segments";
import { EmptyState } from "../../../ui/states";
import { useRowKeys } from "../../../ui/useRowKeys";
import { branchesOf, chosen as filtered, within } from "../register";
import { RowGap, useRowsInSight } from "../rowsInSight";

const KINDS = ["center", "cameras"] as const;
export type Chosen = { kind: (typeof KINDS)[number]; centerId: string | null; ids: ReadonlySet<string> };
type Props = { cameras: Camera[]; chosen: Chosen; onChange: (chosen: Chosen) => void };

/** As `registering.css` has it. */
const ROW_PX = 34;

/** Whose passwords: all of a center, or cameras one by one. */
export function ChooseStep({ cameras, chosen, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <div className="wizard-form">
        <Segments
          label={t("rotation.choose")}
          value={chosen.kind}
          options={KINDS.map((value) => ({ value, label: t(`rotationKind.${value}`) }))}
          onChange={(kind) => onChange({ ...chosen, kind })}
          testId="rotation-kind"
        />
      </div>
      {chosen.kind === "center" ? (
        <CenterChoice cameras={cameras} chosen={chosen} onChange={onChange} />
      ) : (
        <CameraChoice cameras={cameras} chosen={chosen} onChange={onChange} />
      )}
    </>
  );
}

function CenterChoice({ cameras, chosen, onChange }: Props) {
  const { t } = useTranslation();
  const centers = useQuery(centersQuery).data;
  const inside = useMemo(() => {
    if (chosen.centerId === null) return null;
    const ids = within(branchesOf(centers ?? [], cameras), chosen.centerId);
    return cameras.filter(({ center_id }) => ids?.has(center_id)).length;
  }, [cameras, centers, chosen.centerId]);
  return (
    <div className="wizard-form">
      <CenterPicker
        label={t("rotation.center")}
        value={chosen.centerId}
        onChange={(centerId) => onChange({ ...chosen, centerId })}
        testId="rotation-center"
      />
      <p className="field-hint" role="status">
        {inside === null ? t("rotation.centerHint") : t("rotation.inCenter", { count: inside })}
      </p>
    </div>
  );
}

function CameraChoice({ cameras, chosen, onChange }: Props) {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const looked = useDeferredValue(words);
  const rows = useMemo(
    () => filtered(cameras, { words: looked, state: "all", health: "all", centers: null, ids: null }),
    [cameras, looked],
  );
  const choose = (ids: Iterable<string>) => onChange({ ...chosen, ids: new Set(ids) });
  return (
    <>
      <div className="found-tools">
        <Search label={t("register.search")} value={words} onChange={setWords} testId="rotation-search" />
        <Button className="button button-small" onPress={() => choose([...chosen.ids, ...rows.map(({ id }) => id)])} data-testid="choose-shown">
          {t("rotation.chooseShown", { n: count(rows.length) })}
        </Button>
        <Button className="button button-small" onPress={() => choose([])}>
          {t("discover.chooseNone")}
        </Button>
        <span role="status" data-testid="rotation-chosen">
          {t("rotation.chosenOf", { n: count(chosen.ids.size), total: count(cameras.length) })}
        </span>
      </div>
      {chosen.ids.size > MOST_CAMERAS ? <p className="notice">{t("rotation.tooMany", { most: count(MOST_CAMERAS) })}</p> : null}
      {rows.length === 0 ? (
        <EmptyState title={t("register.noneTitle")}>{t("register.noneBody")}</EmptyState>
      ) : (
        <CameraTicks cameras={rows} ids={chosen.ids} onChoose={choose} />
      )}
    </>
  );
}

type TicksProps = { cameras: Camera[]; ids: ReadonlySet<string>; onChoose: (ids: Iterable<string>) => void };

function CameraTicks({ cameras, ids, onChoose }: TicksProps) {
  const { t } = useTranslation();
  const { scroller, look, first, end } = useRowsInSight(ROW_PX, cameras.length);
  const body = useRowKeys<HTMLTableSectionElement>();
  const turn = (id: string) => {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  return (
    <div className="register-scroll" ref={scroller} onScroll={look}>
      <table className="grid grid-fixed found-table" aria-rowcount={cameras.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" data-column="tick">
              <span className="visually-hidden">{t("discover.choose")}</span>
            </th>
            <th scope="col" data-column="code">{t("register.code")}</th>
            <th scope="col">{t("register.name")}</th>
            <th scope="col">{t("register.center")}</th>
          </tr>
        </thead>
        <tbody ref={body}>
          <RowGap rows={first} rowPx={ROW_PX} />
          {cameras.slice(first, end).map(({ id, code, name, center_name }, i) => (
            <tr key={id} aria-rowindex={first + i + 2} data-testid="tick-row">
              <td>
                <input type="checkbox" data-row checked={ids.has(id)} onChange={() => turn(id)} aria-label={t("rotation.chooseOne", { code })} />
              </td>
              <td translate="no">{code}</td>
              <td title={name}>{name}</td>
              <td title={center_name}>{center_name}</td>
            </tr>
          ))}
          <RowGap rows={cameras.length - end} rowPx={ROW_PX} />
        </tbody>
      </table>
    </div>
  );
}
