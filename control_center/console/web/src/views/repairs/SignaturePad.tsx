import { type PointerEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { draw, isSigned, type Dot } from "./signature";

const WIDTH = 960;
const HEIGHT = 300;

/** Drawn by mouse, pen or finger; who has none of them uploads a picture instead. */
export function SignaturePad({ onChange }: { onChange: (signature: Blob | null) => void }) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const strokes = useRef<Dot[][]>([]);
  const isDown = useRef(false);
  const show = () => {
    const pen = canvas.current?.getContext("2d");
    if (pen) draw(pen, strokes.current, WIDTH, HEIGHT);
  };
  useEffect(show, []);
  const dotOf = ({ clientX, clientY, currentTarget }: PointerEvent): Dot => {
    const { left, top, width } = currentTarget.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / width };
  };
  const begin = (event: PointerEvent<HTMLCanvasElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    isDown.current = true;
    strokes.current.push([dotOf(event)]);
  };
  const go = (event: PointerEvent) => {
    if (!isDown.current) return;
    strokes.current.at(-1)?.push(dotOf(event));
    show();
  };
  const end = () => {
    if (!isDown.current) return;
    isDown.current = false;
    if (isSigned(strokes.current)) canvas.current?.toBlob(onChange, "image/png");
  };
  return (
    <canvas
      ref={canvas}
      className="signature-pad"
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={t("repair.signaturePad")}
      onPointerDown={begin}
      onPointerMove={go}
      onPointerUp={end}
      onPointerCancel={end}
      data-testid="signature-pad"
    />
  );
}
