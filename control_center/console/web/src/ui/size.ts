const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Bytes with three digits, in powers of a thousand, as disks are sold. */
export function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${UNITS[power]}`;
}

/** A part of a whole in per cent; what is there never rounds down to nothing, nor what is missing up to all. */
export const share = (part: number) =>
  part > 0 && part < 0.01 ? "< 1 %" : `${part < 1 ? Math.floor(part * 100) : 100} %`;
