import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import type { Camera, Clip, StreamName } from "../api/types";
import { clipUrl, mediaAccess } from "./access";
import { otherStream } from "./streams";

type Fault = "clipMissing" | "clipUnreachable" | "clipUnsupported";

const LEAD_S = 0.5;

/** The recording of an alert. It starts at the sighting; what was before it is a drag to the left. */
export function ClipVideo({ clip, camera, focusUs }: { clip: Clip; camera: Camera | undefined; focusUs: number | null }) {
  const { t } = useTranslation();
  const [stream, setStream] = useState<StreamName>(clip.stream);
  const [attempt, setAttempt] = useState(0);
  const [fault, setFault] = useState<Fault | null>(null);
  const endpoints = useQuery({
    queryKey: ["media", attempt],
    queryFn: () => (attempt === 0 ? mediaAccess.open() : mediaAccess.renew()),
    staleTime: Infinity,
    gcTime: 0,
  });
  const shownFault = fault ?? (endpoints.isError ? "clipUnreachable" : null);

  const retry = () => {
    setFault(null);
    setAttempt((n) => n + 1);
  };
  const onError = async (url: string) => {
    const cause = await causeOf(url);
    const other = camera && otherStream(camera, stream);
    if (cause === "clipUnsupported" && stream === clip.stream && other) setStream(other);
    else if (cause === "clipUnreachable" && attempt === 0) retry(); // the media session may have ended
    else setFault(cause);
  };

  if (shownFault) {
    return (
      <div className="picture-note" data-testid="clip-fault">
        <p>{t(`detail.${shownFault}`)}</p>
        <Button className="button button-small" onPress={retry}>
          {t("detail.retry")}
        </Button>
      </div>
    );
  }
  if (!endpoints.data) return null;
  const url = clipUrl(endpoints.data, { ...clip, stream });
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
