// The columns of a camera, named as those of an import. Positions are WGS 84; metres and degrees.

export const TEXT_COLUMNS = [
  "name",
  "maker",
  "model",
  "main_url",
  "sub_url",
  "onvif_url",
  "serial",
  "firmware",
  "mac",
  "gb28181_id",
  "address",
  "watched_area",
  "type",
  "owner",
  "managing_unit",
  "contact",
  "installed_on",
  "purpose",
  "purpose_review_on",
  "sign_evidence",
] as const;
export const NUMBER_COLUMNS = [
  "latitude",
  "longitude",
  "height_m",
  "azimuth_deg",
  "tilt_deg",
  "fov_deg",
  "range_m",
] as const;
export type TextColumn = (typeof TEXT_COLUMNS)[number];
export type NumberColumn = (typeof NUMBER_COLUMNS)[number];

export type CameraColumns = Record<TextColumn, string | null> & Record<NumberColumn, number | null> & { disabled: boolean };

/** A camera with everything that is registered of it. The password at the device never comes back. */
export type CameraDetail = CameraColumns & {
  id: string;
  code: string;
  name: string;
  /** Code of its center. */
  center: string;
  center_id: string;
  center_name: string;
  /** At the device. Null, too, for who may not register cameras. */
  username: string | null;
  created_us: number;
  updated_us: number;
};

/** What is not named stays as it is; null clears. */
export type CameraChange = Partial<CameraColumns> & { username?: string | null; password?: string };

/** A camera to register; without a center it is the caller's own. */
export type GivenCamera = CameraChange & { code: string; center?: string };
