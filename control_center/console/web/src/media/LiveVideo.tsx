import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Camera, StreamName } from "../api/types";
import { liveUrl, mediaAccess } from "./access";
import { LivePlayer, type LiveStatus, type Surroundings } from "./LivePlayer";
import { otherStream, preferredStream } from "./streams";
import { usePageVisible } from "./usePageVisible";

type Props = { camera: Camera; size: "tile" | "large" };

/** The live picture of a camera. A stream the browser cannot decode is replaced by the camera's other one. */
export function LiveVideo({ camera, size }: Props) {
  const first = preferredStream(camera, size);
  const [unsupported, setUnsupported] = useState<StreamName | null>(null);
  const fallback = unsupported && otherStream(camera, unsupported);
  const stream = fallback ?? first;
  const { t } = useTranslation();
  if (!stream) return <span className="picture-note">{t("live.noStream")}</span>;
  return (
    <StreamVideo
      key={`${camera.id}/${stream}`}
      camera={camera}
      stream={stream}
      isFallback={fallback !== null}
      onUnsupported={() => setUnsupported((known) => known ?? stream)}
    />
  );
}

type StreamProps = { camera: Camera; stream: StreamName; isFallback: boolean; onUnsupported: () => void };

function StreamVideo({ camera, stream, isFallback, onUnsupported }: StreamProps) {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const [status, setStatus] = useState<LiveStatus>({ kind: "connecting" });
  const isVisible = usePageVisible();

  useEffect(() => {
    if (!video.current || !isVisible) return undefined;
    const player = new LivePlayer(video.current, stream, setStatus, surroundingsOf(camera.id));
    return () => player.close();
  }, [camera.id, stream, isVisible]);

  const isUnsupported = status.kind === "unsupported";
  useEffect(() => {
    if (isUnsupported) onUnsupported();
    // The callback only reports; a new one is no reason to report again.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [isUnsupported]);

  return (
    <>
      {/* A camera without a sound track has no captions. */}
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption */}
      <video
        ref={video}
        className="picture"
        muted
        playsInline
        disablePictureInPicture
        aria-label={camera.name}
        data-testid="live-video"
        data-stream={stream}
        data-status={status.kind}
      />
      {isFallback ? <span className="picture-label">{t("live.subLabel")}</span> : null}
      <LiveNote status={status} isVisible={isVisible} />
    </>
  );
}

function LiveNote({ status, isVisible }: { status: LiveStatus; isVisible: boolean }) {
  const { t } = useTranslation();
  if (!isVisible) return <span className="picture-note">{t("live.paused")}</span>;
  switch (status.kind) {
    case "connecting":
      return <span className="picture-note">{t("live.connecting")}</span>;
    case "retrying":
      return <span className="picture-note">{t("live.retrying")}</span>;
    case "unsupported":
      return <span className="picture-note">{t("live.unsupported", { mime: status.mime })}</span>;
    case "playing":
      return null;
  }
}

function surroundingsOf(cameraId: string): Surroundings {
  return {
    address: async (stream, isRetry) =>
      liveUrl(await (isRetry ? mediaAccess.renew() : mediaAccess.open()), cameraId, stream),
    connect: (url) => new WebSocket(url),
    createSource: () => new MediaSource(),
    isSupported: (mime) => MediaSource.isTypeSupported(mime),
    random: Math.random,
  };
}
