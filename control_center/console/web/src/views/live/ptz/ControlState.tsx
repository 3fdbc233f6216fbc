import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { giveUpControl, type PtzControl, ptzKeys, takeControl } from "../../../api/ptz";

type Props = { cameraId: string; control: PtzControl; onFault: (error: unknown) => void };

/** Who steers the camera. The server knows whose role is higher: whoever wants it asks, and is told. */
export function ControlState({ cameraId, control, onFault }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: (change: () => Promise<unknown>) => change(),
    onSuccess: () => onFault(null),
    onError: onFault,
    onSettled: () => client.invalidateQueries({ queryKey: ptzKeys.control }),
  });
  const { holder, is_mine } = control;
  const state = holder === null ? "free" : is_mine ? "mine" : "other";
  return (
    <div className="steer-control">
      <span role="status" className="status-mark" data-tone={TONE[state]} data-state={state} data-testid="steer-control">
        <i className="lamp" aria-hidden="true" />
        {state === "free" ? t("steer.free") : null}
        {state === "mine" ? t("steer.mine") : null}
        {state === "other" ? t("steer.other", { name: holder ?? "" }) : null}
      </span>
      {state === "other" ? (
        <Button
          className="button button-small"
          isDisabled={isPending}
          onPress={() => mutate(() => takeControl(cameraId))}
          data-testid="steer-take"
        >
          {t("steer.take")}
        </Button>
      ) : null}
      {state === "mine" ? (
        <Button
          className="button button-small"
          isDisabled={isPending}
          onPress={() => mutate(() => giveUpControl(cameraId))}
          data-testid="steer-give-up"
        >
          {t("steer.giveUp")}
        </Button>
      ) : null}
    </div>
  );
}

const TONE = { free: "off", mine: "good", other: "warn" } as const;
