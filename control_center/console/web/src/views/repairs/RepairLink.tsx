import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { healthOf } from "../../api/health";
import { runningQuery } from "../../api/repairs";
import type { Account, Camera } from "../../api/types";
import { may } from "../../shell/rights";
import { hrefOf } from "../../shell/routing";
import { OpenRepairDialog } from "./OpenRepairDialog";
import { RepairAge, RepairStateMark } from "./RepairMarks";

/** The way from a camera to its repair that runs; where there is none, one is opened. */
export function RepairLink({ camera, account }: { camera: Camera; account: Account }) {
  const { t } = useTranslation();
  const [isOpening, setOpening] = useState(false);
  const ticket = useQuery(runningQuery(camera.id)).data;
  if (ticket) {
    return (
      <p className="panel-foot repair-link">
        <RepairStateMark state={ticket.state} /> <RepairAge ticket={ticket} />{" "}
        <a className="grid-link" href={hrefOf("repairs", ticket.id)} data-testid="to-repair">
          {t("repair.toTicket")}
        </a>
      </p>
    );
  }
  // Undefined: whether there is one is not known yet.
  if (ticket === undefined || !may(account, "register")) return null;
  const state = healthOf(camera);
  const isFaulty = state !== "online" && state !== "maintenance" && state !== "disabled" && state !== "unknown";
  const fault = isFaulty ? [t(`healthCause.${state}`), camera.health.cause].filter(Boolean).join(" ") : "";
  return (
    <div className="panel-foot repair-link">
      <Button className="button button-small" onPress={() => setOpening(true)} data-testid="open-repair">
        {t("repair.open")} …
      </Button>
      <OpenRepairDialog camera={camera} fault={fault} isOpen={isOpening} onClose={() => setOpening(false)} />
    </div>
  );
}
