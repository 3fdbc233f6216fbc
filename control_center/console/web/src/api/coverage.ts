import { queryOptions } from "@tanstack/react-query";
import { call } from "./client";

type Pair = [longitude: number, latitude: number];

/** GeoJSON (RFC 7946): where a camera is, and the ground that it covers where that is known. */
export type CoverageFeature = {
  type: "Feature";
  geometry: { type: "Point"; coordinates: Pair } | { type: "Polygon"; coordinates: Pair[][] } | null;
  properties: { id: string; code: string; name: string; kind: "position" | "sector"; azimuth_deg?: number | null };
};

export const coverageKey = ["coverage"] as const;
export const coverageQuery = queryOptions({
  queryKey: coverageKey,
  staleTime: 0, // nothing tells when a position was registered
  queryFn: () => call<{ features: CoverageFeature[] }>("GET", "/cameras/coverage").then(({ features }) => features),
});
