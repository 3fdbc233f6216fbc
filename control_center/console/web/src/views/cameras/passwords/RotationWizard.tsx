import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { camerasQuery } from "../../../api/queries";
import { MOST_CAMERAS, previewRotation, type Rotation, type RotationChoice, type RotationPreview, startRotation } from "../../../api/rotations";
import { describe } from "../../../i18n/describe";
import { confirmed } from "../../../shell/confirm";
import { BusyButton } from "../../../ui/BusyButton";
import { count } from "../../../ui/format";
import { Wizard } from "../Wizard";
import { ChooseStep, type Chosen } from "./ChooseStep";
import { faultyStages, USUAL_STAGES } from "./devices";
import { PreviewStep } from "./PreviewStep";

type Props = { cameraIds: readonly string[]; onStarted: (rotation: Rotation) => void; onCancel: () => void };
type Seen = { choice: RotationChoice; preview: RotationPreview };

const choiceOf = ({ kind, centerId, ids }: Chosen): RotationChoice | null => {
  if (kind === "center") return centerId === null ? null : { center_id: centerId, in_clear: false };
  return ids.size === 0 || ids.size > MOST_CAMERAS ? null : { camera_ids: [...ids], in_clear: false };
};

/** Which cameras; what would become of their devices; and only then, when somebody says so, the rotation. */
export function RotationWizard({ cameraIds, onStarted, onCancel }: Props) {
  const { t } = useTranslation();
  const cameras = useQuery(camerasQuery).data ?? [];
  const [chosen, setChosen] = useState<Chosen>(() => ({
    kind: cameraIds.length > 0 ? "cameras" : "center",
    centerId: null,
    ids: new Set(cameraIds),
  }));
  const [seen, setSeen] = useState<Seen | null>(null);
  const [stages, setStages] = useState(USUAL_STAGES);
  const looking = useMutation({
    mutationFn: async (choice: RotationChoice) => ({ choice, preview: await previewRotation(choice) }),
    onSuccess: setSeen,
  });
  const starting = useMutation({
    mutationFn: ({ choice }: Seen) =>
      startRotation(choice, { canary: Number(stages.canary), wave: Number(stages.wave), max_failures: Number(stages.max_failures) }),
    onSuccess: onStarted,
  });
  const steps = [t("rotation.choose"), t("rotation.preview")];
  if (!seen) {
    const choice = choiceOf(chosen);
    return (
      <Wizard
        steps={steps}
        current={0}
        testId="rotation-wizard"
        onBack={onCancel}
        tools={
          <BusyButton
            className="button button-primary"
            isDisabled={choice === null}
            isBusy={looking.isPending}
            onPress={() => choice && looking.mutate(choice)}
            data-testid="rotation-preview"
          >
            {t(looking.isPending ? "rotation.looking" : "rotation.look")}
          </BusyButton>
        }
      >
        <ChooseStep cameras={cameras} chosen={chosen} onChange={setChosen} />
        <p className="form-error" role="alert">
          {looking.error ? describe(looking.error) : null}
        </p>
      </Wizard>
    );
  }
  const n = seen.preview.devices.length;
  const start = async () => {
    const plain = seen.preview.devices.filter(({ in_clear }) => in_clear).length;
    const warnings = [t("rotation.confirmBody"), plain > 0 ? t("rotation.confirmInClear", { count: plain }) : ""];
    const isSure = await confirmed({
      title: t("rotation.confirmTitle", { count: n }),
      body: warnings.join(" "),
      action: t("rotation.start", { count: n }),
    });
    if (isSure) starting.mutate(seen);
  };
  const isBusy = looking.isPending || starting.isPending;
  const error = looking.error ?? starting.error;
  return (
    <Wizard
      steps={steps}
      current={1}
      testId="rotation-wizard"
      onBack={isBusy ? undefined : () => setSeen(null)}
      tools={
        <>
          <Button className="button" isDisabled={isBusy} onPress={onCancel}>
            {t("act.cancel")}
          </Button>
          <BusyButton
            className="button button-grave"
            isDisabled={n === 0 || faultyStages(stages).length > 0}
            isBusy={isBusy}
            onPress={() => void start()}
            data-testid="rotation-start"
          >
            {t("rotation.start", { count: n })}…
          </BusyButton>
        </>
      }
    >
      <PreviewStep
        preview={seen.preview}
        isInClear={seen.choice.in_clear}
        onInClear={(in_clear) => !isBusy && looking.mutate({ ...seen.choice, in_clear })}
        stages={stages}
        onStages={setStages}
      />
      <p className="form-error" role="alert">
        {error ? describe(error) : null}
      </p>
      <span className="visually-hidden" role="status">
        {t("rotation.devicesOf", { n: count(n) })}
      </span>
    </Wizard>
  );
}
