import { LARGEST_PICTURE_BYTES } from "../../api/repairs";

export const PICTURE_TYPES = ["image/jpeg", "image/png"];
const LONGEST_SIDE = 2560; // pixels
const QUALITY = 0.85;

/** As large as fits, and no larger than it was. */
export function fitted(width: number, height: number, side: number): { width: number; height: number } {
  const share = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
}

/** What the server takes: the file as it is, or drawn anew and smaller. Null for what is no picture. */
export async function acceptable(file: Blob): Promise<Blob | null> {
  if (PICTURE_TYPES.includes(file.type) && file.size <= LARGEST_PICTURE_BYTES) return file;
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return null;
  const { width, height } = fitted(picture.width, picture.height, LONGEST_SIDE);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, width, height);
  picture.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}
