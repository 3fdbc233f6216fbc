import { useTranslation } from "react-i18next";
import type { CameraRecording } from "../../api/recording";
import { size } from "../../ui/size";

export function RecordingFacts({ recording }: { recording: CameraRecording }) {
  const { t } = useTranslation();
  const days = recording.retention_days ?? t("register.daysHint", { days: recording.center.days });
  const facts = [
    [t("register.transport"), t(recording.transport === "tcp" ? "register.tcp" : "register.udp")],
    [t("register.sound"), recording.audio_purpose ?? t("register.soundHint")],
    [t("register.days"), days],
    [t("register.size"), recording.retention_bytes === null ? t("register.sizeHint") : size(recording.retention_bytes)],
    [t("register.pin"), recording.tls_sha256 ?? t("register.pinHint")],
  ] as const;
  return (
    <>
      <dl className="pairs camera-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="panel-text">{t("register.readOnly")}</p>
    </>
  );
}
