import { useQuery } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ReportFilter } from "../../api/audit";
import { camerasQuery } from "../../api/queries";
import type { Account } from "../../api/types";
import { may } from "../../shell/rights";
import { BusyButton } from "../../ui/BusyButton";
import { Choice, Entry } from "../../ui/fields";
import { Moment } from "../../ui/Moment";
import { midnightBefore } from "./period";

const DAY_US = 24 * 3_600_000_000;
const ALL_CAMERAS = "*";

type Props = { account: Account; isPending: boolean; onMake: (filter: ReportFilter) => void };

export function ReportFilters({ account, isPending, onMake }: Props) {
  const { t } = useTranslation();
  const [fromUs, setFrom] = useState<number | null>(() => midnightBefore(Date.now() * 1000) - 7 * DAY_US);
  const [toUs, setTo] = useState<number | null>(() => midnightBefore(Date.now() * 1000) + DAY_US);
  const [actor, setActor] = useState("");
  const [subject, setSubject] = useState("");
  const [camera, setCamera] = useState("");
  const isGood = fromUs !== null && toUs !== null && fromUs < toUs;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isGood || isPending) return;
    onMake({
      from_us: fromUs,
      to_us: toUs,
      actor: actor.trim(),
      subject: subject.trim(),
      camera_id: camera.trim(),
    });
  };
  return (
    <form className="filter-bar" onSubmit={submit} data-testid="report-filters">
      <Moment label={t("audit.from")} us={fromUs} onChange={setFrom} />
      <Moment label={t("audit.to")} us={toUs} onChange={setTo} isInvalid={fromUs !== null && toUs !== null && !isGood} />
      <Entry label={t("report.who")} name="actor" value={actor} onChange={setActor} isRequired={false} />
      <Entry label={t("report.about")} name="subject" value={subject} onChange={setSubject} isRequired={false} />
      {may(account, "see_cameras") ? (
        <CameraChoice value={camera} onChange={setCamera} />
      ) : (
        <Entry label={t("report.cameraId")} name="camera" value={camera} onChange={setCamera} isRequired={false} />
      )}
      <div className="filter-buttons">
        <BusyButton
          className="button button-primary"
          type="submit"
          isDisabled={!isGood}
          isBusy={isPending}
          data-testid="make-report"
        >
          {isPending ? t("report.making") : t("report.make")}
        </BusyButton>
      </div>
    </form>
  );
}

function CameraChoice({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const { t } = useTranslation();
  const cameras = useQuery(camerasQuery).data ?? [];
  return (
    <Choice
      label={t("detail.camera")}
      value={value === "" ? ALL_CAMERAS : value}
      options={[
        { value: ALL_CAMERAS, label: t("report.allCameras") },
        ...cameras.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      onChange={(id) => onChange(id === ALL_CAMERAS ? "" : id)}
    />
  );
}
