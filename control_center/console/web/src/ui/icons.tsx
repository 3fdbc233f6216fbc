import type { ReactNode } from "react";

function Icon({ children, size = 20 }: { children: ReactNode; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const AlertsIcon = () => (
  <Icon>
    <path d="M10 3a5 5 0 0 0-5 5v3.2L3.5 14h13L15 11.2V8a5 5 0 0 0-5-5Z" />
    <path d="M8.2 16.5a2 2 0 0 0 3.6 0" />
  </Icon>
);

export const LiveIcon = () => (
  <Icon>
    <rect x="2.5" y="3.5" width="15" height="10.5" rx="1.5" />
    <path d="M2.5 8.75h15M10 3.5V14M7 17h6" />
  </Icon>
);

export const CamerasIcon = () => (
  <Icon>
    <path d="m2.5 8.500 11.500-4.500 2.500 5.500-10 4ZM7 13v3.500H3M3 14.500v4M16.500 6.500l1.500 3" />
  </Icon>
);

export const MapIcon = () => (
  <Icon>
    <path d="m2.5 5 5-2 5 2 5-2v12l-5 2-5-2-5 2ZM7.5 3v12M12.5 5v12" />
  </Icon>
);

export const CloserIcon = () => (
  <Icon size={18}>
    <path d="M10 4v12M4 10h12" />
  </Icon>
);

export const FartherIcon = () => (
  <Icon size={18}>
    <path d="M4 10h12" />
  </Icon>
);

export const HomeIcon = () => (
  <Icon size={18}>
    <path d="m3 10 7-6.500 7 6.500M5 8.500V16h10V8.500" />
  </Icon>
);

export const FitIcon = () => (
  <Icon size={18}>
    <path d="M3.5 7.5v-4h4M12.5 3.5h4v4M16.5 12.5v4h-4M7.5 16.5h-4v-4" />
  </Icon>
);

export const BoardIcon = () => (
  <Icon>
    <rect x="3" y="3" width="14" height="14" rx="1.5" />
    <path d="M3 7.7h14M3 12.3h14M7.7 3v14M12.3 3v14" />
  </Icon>
);

export const LookUpIcon = () => (
  <Icon>
    <path d="M3 4h14M3 8h4.5M3 12h4M3 16h5.500" />
    <circle cx="12.500" cy="11.500" r="3.500" />
    <path d="m15.200 14.200 2.800 2.800" />
  </Icon>
);

export const EvidenceIcon = () => (
  <Icon>
    <rect x="3" y="3.5" width="14" height="4" rx="1" />
    <path d="M4.5 7.500v8a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-8M8 11h4" />
  </Icon>
);

export const ThemeIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="6.5" />
    <path d="M10 3.5a6.5 6.5 0 0 1 0 13Z" fill="currentColor" />
  </Icon>
);

export const SignOutIcon = () => (
  <Icon>
    <path d="M8 3.5H4.5a1 1 0 0 0-1 1v11a1 1 0 0 0 1 1H8M12.5 6.5 16 10l-3.5 3.5M16 10H8" />
  </Icon>
);

export const KeysIcon = () => (
  <Icon>
    <rect x="2" y="5" width="16" height="10" rx="1.5" />
    <path d="M5 8h.01M8 8h.01M11 8h.01M14.5 8h.01M6 12h8" />
  </Icon>
);

export const SoundIcon = ({ isOn }: { isOn: boolean }) => (
  <Icon size={18}>
    <path d="M3.5 8v4h2.8L10 15V5L6.3 8Z" />
    {isOn ? <path d="M12.5 7.5a3.5 3.5 0 0 1 0 5M14.7 5.3a6.6 6.6 0 0 1 0 9.4" /> : <path d="m13 8 4 4m0-4-4 4" />}
  </Icon>
);

export const CloseIcon = () => (
  <Icon size={18}>
    <path d="m5 5 10 10M15 5 5 15" />
  </Icon>
);

export const CameraIcon = () => (
  <Icon size={16}>
    <path d="m2.5 9 12-4 1.6 4.3L6 12.5ZM8 12v3.5H3.5M3.5 13v5" />
  </Icon>
);

export const PreviousIcon = () => (
  <Icon size={16}>
    <path d="m12 4-6 6 6 6" />
  </Icon>
);

export const NextIcon = () => (
  <Icon size={16}>
    <path d="m8 4 6 6-6 6" />
  </Icon>
);

export const PeopleIcon = () => (
  <Icon>
    <circle cx="7.5" cy="6.5" r="3" />
    <path d="M2 16.5c0-3 2.4-5 5.5-5s5.5 2 5.5 5M13 3.9a3 3 0 0 1 0 5.2M15 12c1.9.8 3 2.4 3 4.5" />
  </Icon>
);

export const LoansIcon = () => (
  <Icon>
    <path d="M3 7h11.5M11.5 4l3 3-3 3M17 13H5.5M8.5 10l-3 3 3 3" />
  </Icon>
);

export const AuditIcon = () => (
  <Icon>
    <path d="M5 2.5h7l3.5 3.5v4M5 2.5v15h4M12 2.5v3.5h3.5M7.5 8h3M7.5 11h2" />
    <circle cx="13" cy="13.5" r="2.7" />
    <path d="m15 15.5 2.5 2.5" />
  </Icon>
);

export const AccountIcon = () => (
  <Icon>
    <circle cx="10" cy="6.5" r="3.3" />
    <path d="M3.8 17c.4-3.3 2.900-5.3 6.200-5.3s5.8 2 6.200 5.3" />
  </Icon>
);

export const LockIcon = ({ size = 20 }: { size?: number }) => (
  <Icon size={size}>
    <rect x="4" y="8.5" width="12" height="8.5" rx="1.5" />
    <path d="M6.7 8.5V6a3.3 3.3 0 0 1 6.600 0v2.5M10 12v2" />
  </Icon>
);

export const SearchIcon = () => (
  <Icon size={16}>
    <circle cx="8.5" cy="8.5" r="5" />
    <path d="m12.5 12.5 5 5" />
  </Icon>
);

export const ChevronIcon = () => (
  <Icon size={14}>
    <path d="m5 8 5 5 5-5" />
  </Icon>
);

export const CalendarIcon = () => (
  <Icon size={16}>
    <rect x="3" y="4.5" width="14" height="12.5" rx="1.5" />
    <path d="M3 8.5h14M7 2.5v3.5M13 2.5v3.5" />
  </Icon>
);

export const CopyIcon = () => (
  <Icon size={15}>
    <rect x="7" y="7" width="10" height="10" rx="1.5" />
    <path d="M13 7V4.5A1.5 1.5 0 0 0 11.5 3h-7A1.5 1.5 0 0 0 3 4.5v7A1.5 1.5 0 0 0 4.5 13H7" />
  </Icon>
);

export const TickIcon = () => (
  <Icon size={14}>
    <path d="m4 10.5 4 4 8-9" strokeWidth="2.5" />
  </Icon>
);

export const PlusIcon = () => (
  <Icon size={15}>
    <path d="M10 4v12M4 10h12" />
  </Icon>
);

export const LeadIcon = () => (
  <Icon size={18}>
    <circle cx="10" cy="10" r="7" />
    <path d="M10 9v4.5M10 6.5h.01" />
  </Icon>
);

export const Mark = () => (
  <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
    <path className="mark-v" d="M5 8 16 26 27 8" />
    <circle className="mark-lamp" cx="16" cy="9.5" r="3.6" />
  </svg>
);
