import type { CameraAddress } from "../../../api/registering";

/** Host and port of an address: `10.0.0.7`, `10.0.0.7:8000`, or a URL with or without a path. */
export const placeOf = (address: string): string =>
  (/^(?:\w+:\/\/)?(?:[^/@]*@)?([^/?#]+)/.exec(address)?.[1] ?? address).toLowerCase().replace(/:(80|443|554)$/, "");

const hostOf = (address: string): string => placeOf(address).replace(/:\d+$/, "");

export type KnownAt = (address: string) => CameraAddress[];

/** What is registered of the device at an address: by its ONVIF address, or where that is not known by the host of its stream. */
export function knownAmong(cameras: readonly CameraAddress[]): KnownAt {
  const places = new Map<string, CameraAddress[]>();
  for (const camera of cameras) {
    const { onvif_url, main_url } = camera;
    const key = onvif_url === null ? `host ${hostOf(main_url ?? "")}` : placeOf(onvif_url);
    places.set(key, [...(places.get(key) ?? []), camera]);
  }
  return (address) => [...(places.get(placeOf(address)) ?? []), ...(places.get(`host ${hostOf(address)}`) ?? [])];
}
