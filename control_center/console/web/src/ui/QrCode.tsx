import { pathOf, squaresOf } from "./qr";

/** Dark squares on a light ground in every theme, as readers expect them. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const squares = squaresOf(text);
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${squares.length} ${squares.length}`}
      shapeRendering="crispEdges"
      role="img"
      aria-label={label}
      data-testid="qr-code"
    >
      <rect className="qr-ground" width="100%" height="100%" />
      <path className="qr-squares" d={pathOf(squares)} />
    </svg>
  );
}
