import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { Camera, Clip, StreamName } from "../api/types";
import { describe } from "../i18n/describe";
import { askClip } from "./leave";
import { otherStream } from "./streams";

type Fault = "clipMissing" | "clipUnreachable" | "clipUnsupported";
type Props = { clip: Clip; alertId: string; camera: Camera | undefined; focusUs: number | null };

const LEAD_S = 0.5;

/** The recording of an alert. It starts at the sighting; what was before it is a drag to the left. */
export function ClipVideo({ clip, alertId, camera, focusUs }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [stream, setStream] = useState<StreamName>(clip.stream);
  const [attempt, setAttempt] = useState(0);
  const [fault, setFault] = useState<Fault | null>(null);
  const address = useQuery({
    queryKey: ["clip", alertId, clip, stream, attempt],
    queryFn: () => askClip(client, { ...clip, stream, alert_id: alertId }),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });

  const retry = () => {
    setFault(null);
    setAttempt((n) => n + 1);
  };
  const onError = async (url: string) => {
    const cause = await causeOf(url);
    const other = camera && otherStream(camera, stream);
    if (cause === "clipUnsupported" && stream === clip.stream && other) setStream(other);
    else if (cause === "clipUnreachable" && attempt === 0) retry(); // the leave may be over
    else setFault(cause);
  };

  if (fault || address.isError) {
    return (
      <div className="picture-note" data-testid="clip-fault">
        <p>{fault ? t(`detail.${fault}`) : describe(address.error)}</p>
        <Button className="button button-small" onPress={retry}>
          {t("detail.retry")}
        </Button>
      </div>
    );
  }
  const url = address.data;
  if (!url) return null;
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption */}
      <video
        key={`${url}#${attempt}`}
        className="picture"
        src={url}
        crossOrigin="use-credentials"
        controls
        muted
        autoPlay
        loop
        playsInline
        preload="auto"
        aria-label={t("detail.clip")}
        data-testid="alert-clip"
        onLoadedMetadata={({ currentTarget: video }) => {
          if (focusUs !== null) video.currentTime = Math.max(0, (focusUs - clip.start_us) / 1e6 - LEAD_S);
        }}
        onError={() => void onError(url)}
      />
      {stream === clip.stream ? null : <p className="picture-label">{t("detail.clipSub")}</p>}
    </>
  );
}

/** A video element does not say why it failed, so the first bytes are asked for again. */
async function causeOf(url: string): Promise<Fault> {
  try {
    const response = await fetch(url, { credentials: "include", headers: { Range: "bytes=0-0" } });
    if (response.status === 404) return "clipMissing";
    return response.ok ? "clipUnsupported" : "clipUnreachable";
  } catch {
    return "clipUnreachable";
  }
}
