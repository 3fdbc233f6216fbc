export type Rectangle = { left: number; top: number; right: number; bottom: number };
/** `x` is its left edge, `y` its middle. */
export type Label = { text: string; x: number; y: number; width: number; height: number };

/** More than these nobody reads. */
const MOST = 120;

const around = ({ x, y, width, height }: Label): Rectangle => ({
  left: x,
  top: y - height / 2,
  right: x + width,
  bottom: y + height / 2,
});

const overlap = (a: Rectangle, b: Rectangle): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Those that lie over no mark and no label before them. */
export function freeLabels(labels: readonly Label[], marks: readonly Rectangle[]): Label[] {
  const taken: Rectangle[] = [...marks];
  const free: Label[] = [];
  for (const label of labels.slice(0, MOST)) {
    const place = around(label);
    if (taken.some((other) => overlap(place, other))) continue;
    taken.push(place);
    free.push(label);
  }
  return free;
}
