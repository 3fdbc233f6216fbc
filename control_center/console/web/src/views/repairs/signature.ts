export type Dot = { x: number; y: number };
export type Stroke = readonly Dot[];

/** Drawn for at least so long, in the width of the canvas: a slip of the hand is no signature. */
const LEAST = 0.1;

/** Whether the strokes, in shares of the canvas' width, may be a signature. */
export function isSigned(strokes: readonly Stroke[]): boolean {
  return strokes.reduce((sum, stroke) => sum + lengthOf(stroke), 0) >= LEAST;
}

const lengthOf = (stroke: Stroke) =>
  stroke.slice(1).reduce((sum, { x, y }, i) => {
    const from = stroke[i] ?? { x, y };
    return sum + Math.hypot(x - from.x, y - from.y);
  }, 0);

type Pen = Pick<
  CanvasRenderingContext2D,
  "fillStyle" | "strokeStyle" | "lineWidth" | "lineCap" | "lineJoin" | "fillRect" | "beginPath" | "moveTo" | "lineTo" | "stroke"
>;

/** Black on white, whatever the console looks like: it is kept, and printed. */
export function draw(pen: Pen, strokes: readonly Stroke[], width: number, height: number): void {
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, width, height);
  pen.strokeStyle = "#000000";
  pen.lineWidth = width / 200;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  for (const [first, ...rest] of strokes) {
    if (!first) continue;
    pen.beginPath();
    pen.moveTo(first.x * width, first.y * width);
    for (const { x, y } of rest) pen.lineTo(x * width, y * width);
    pen.stroke();
  }
}
