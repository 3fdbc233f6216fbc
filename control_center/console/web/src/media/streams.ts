import type { Camera, StreamName } from "../api/types";

const has = (camera: Camera, name: StreamName) => camera.streams.some((stream) => stream.name === name);

/** The sub stream for small pictures, the main stream for large ones, or the only one there is. */
export function preferredStream(camera: Camera, size: "tile" | "large"): StreamName | null {
  const wanted = size === "tile" ? "sub" : "main";
  return has(camera, wanted) ? wanted : otherStream(camera, wanted);
}

export function otherStream(camera: Camera, stream: StreamName): StreamName | null {
  const other = stream === "main" ? "sub" : "main";
  return has(camera, other) ? other : null;
}
