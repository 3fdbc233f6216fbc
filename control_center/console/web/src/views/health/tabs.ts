/** What stands beside the register under one entry of the rail. */
export const CAMERA_TABS = ["cameras", "availability", "repairs"] as const;
