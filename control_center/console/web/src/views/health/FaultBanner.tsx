import { useQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { type DeviceFault, faultsQuery } from "../../api/health";
import { count } from "../../ui/format";
import { Time } from "../../ui/Time";

type Props = { onShow: (cameraIds: string[]) => void };

/** One line for each network or device that takes many cameras with it, instead of hundreds of lines in the table. */
export function FaultBanner({ onShow }: Props) {
  const faults = useQuery(faultsQuery).data ?? [];
  if (faults.length === 0) return null;
  return (
    <div className="fault-banner" role="status" data-testid="fault-banner">
      {faults.map((fault) => (
        <Fault key={fault.id} fault={fault} onShow={onShow} />
      ))}
    </div>
  );
}

function Fault({ fault, onShow }: Props & { fault: DeviceFault }) {
  const { t } = useTranslation();
  const { kind, network, cameras, since_us, cause, camera_ids } = fault;
  return (
    <p className="fault-line">
      <b>
        {kind === "network"
          ? t("fault.network", { count: cameras, n: count(cameras), network })
          : t("fault.device", { count: cameras, n: count(cameras), network })}
      </b>{" "}
      <span>
        {t("live.since")} <Time us={since_us} isBrief />.
      </span>{" "}
      <span>{t(kind === "network" ? "fault.networkMend" : "fault.deviceMend")}</span>{" "}
      <span className="fault-words" lang="en">
        {cause}
      </span>
      <Button className="button button-small" onPress={() => onShow(camera_ids)} data-testid="fault-show">
        {t("fault.show")}
      </Button>
    </p>
  );
}
