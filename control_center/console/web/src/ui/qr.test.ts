import { describe, expect, it } from "vitest";
import { pathOf, squaresOf } from "./qr";

const URI = "otpauth://totp/Vedette:wang?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Vedette";

/** The squares that a path covers, drawn back into a grid. */
function drawn(path: string, size: number): boolean[][] {
  const grid = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let i = 0; i < Number(length); i++) (grid[Number(y)] ?? [])[Number(x) + i] = true;
  }
  return grid;
}

describe("the QR code", () => {
  const squares = squaresOf(URI);

  it("is a square of the standard's sizes with a quiet zone of four", () => {
    const size = squares.length - 8;
    expect((size - 17) % 4).toBe(0);
    expect(squares.every((row) => row.length === squares.length)).toBe(true);
    expect([...squares.slice(0, 4), ...squares.slice(-4)].flat()).not.toContain(true);
  });

  it("has the three finders in its corners", () => {
    const finder = (top: number, left: number) => squares.slice(top, top + 7).map((row) => row.slice(left, left + 7));
    const far = squares.length - 11;
    expect(finder(4, 4)[0]).toEqual(Array.from({ length: 7 }, () => true));
    expect(finder(4, far)).toEqual(finder(4, 4));
    expect(finder(far, 4)).toEqual(finder(4, 4));
  });

  it("is drawn square for square", () => {
    expect(drawn(pathOf(squares), squares.length)).toEqual(squares);
    expect(pathOf([[false, true, true], [true, false, true]])).toBe("M1 0h2v1h-2zM0 1h1v1h-1zM2 1h1v1h-1z");
  });
});
