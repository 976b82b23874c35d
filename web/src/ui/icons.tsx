/** The few icons, drawn as strokes in the colour of the text around them; always decorative. */
import type { ReactElement, ReactNode } from "react";

function Icon({ children }: { children: ReactNode }): ReactElement {
  return (
    <svg
      className="icon"
      viewBox="0 0 16 16"
      width="16"
      height="16"
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

export const IconSystem = (): ReactElement => (
  <Icon>
    <rect x="2" y="3" width="12" height="8" rx="1.5" />
    <path d="M6 13.5h4" />
  </Icon>
);
export const IconLight = (): ReactElement => (
  <Icon>
    <circle cx="8" cy="8" r="2.75" />
    <path d="M8 1.75v1M8 13.25v1M1.75 8h1M13.25 8h1M3.6 3.6l.7.7M11.7 11.7l.7.7M3.6 12.4l.7-.7M11.7 4.3l.7-.7" />
  </Icon>
);
export const IconDark = (): ReactElement => (
  <Icon>
    <path d="M13.5 9.5A5.75 5.75 0 0 1 6.5 2.5a5.75 5.75 0 1 0 7 7Z" />
  </Icon>
);
export const IconChevron = (): ReactElement => (
  <Icon>
    <path d="m4.5 6.5 3.5 3.5 3.5-3.5" />
  </Icon>
);
export const IconClose = (): ReactElement => (
  <Icon>
    <path d="m4.5 4.5 7 7M11.5 4.5l-7 7" />
  </Icon>
);
export const IconCheck = (): ReactElement => (
  <Icon>
    <path d="m3.5 8.5 3 3 6-7" />
  </Icon>
);
export const IconCopy = (): ReactElement => (
  <Icon>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M10.5 3.5v-.25A1.25 1.25 0 0 0 9.25 2h-6A1.25 1.25 0 0 0 2 3.25v6a1.25 1.25 0 0 0 1.25 1.25h.25" />
  </Icon>
);
export const IconAlert = (): ReactElement => (
  <Icon>
    <path d="M8 2 1.75 13.25h12.5L8 2ZM8 6.5v3M8 11.5v.01" />
  </Icon>
);
export const IconError = (): ReactElement => (
  <Icon>
    <circle cx="8" cy="8" r="6" />
    <path d="M8 5v3.5M8 11v.01" />
  </Icon>
);
export const IconInfo = (): ReactElement => (
  <Icon>
    <circle cx="8" cy="8" r="6" />
    <path d="M8 7.5V11M8 5v.01" />
  </Icon>
);
export const IconSignOut = (): ReactElement => (
  <Icon>
    <path d="M6.5 2.5h-3a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h3M10.5 11l3-3-3-3M13.25 8H6.5" />
  </Icon>
);

export const IconMore = (): ReactElement => (
  <Icon>
    <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth="2.5" />
  </Icon>
);
/** Six dots: what can be dragged. */
export const IconGrip = (): ReactElement => (
  <Icon>
    <path d="M6 3.75h.01M10 3.75h.01M6 8h.01M10 8h.01M6 12.25h.01M10 12.25h.01" />
  </Icon>
);
export const IconCalendar = (): ReactElement => (
  <Icon>
    <rect x="2.5" y="3.5" width="11" height="10" rx="1.5" />
    <path d="M2.5 6.5h11M5.5 2v2.5M10.5 2v2.5" />
  </Icon>
);

/** Icons of the navigation, by view. */
const NAV_PATHS = {
  live: "M2 8h2.5l2-5 3 10 2-5H14",
  overview: "M2.5 2.5h4.5v5H2.5zM9 2.5h4.5v3H9zM9 8h4.5v5.5H9zM2.5 10H7v3.5H2.5z",
  sessions: "M2.5 3.5h7M4.5 8h9M2.5 12.5h6",
  cost: "M8 1.75v12.5M11 4.75C11 3.5 9.75 3 8 3s-3 .75-3 2.25S6.25 7.5 8 8s3 1.25 3 2.75S9.75 13 8 13s-3-.75-3-2",
  quality: "M2.5 13.5v-4M6.25 13.5v-7M10 13.5V9M13.5 13.5v-11",
  security: "M8 1.75 2.75 3.5v4c0 3.25 2.25 5.5 5.25 6.75 3-1.25 5.25-3.5 5.25-6.75v-4L8 1.75Z",
  dashboards: "M2.5 2.5h11v4h-11zM2.5 9h5v4.5h-5zM10 9h3.5v4.5H10z",
  explore: "M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10ZM10.75 10.75 14 14",
  settings:
    "M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M10.5 6.25a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5ZM5.5 13.25a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5Z",
} as const;
export type IconName = keyof typeof NAV_PATHS;

export const NavIcon = ({ name }: { name: IconName }): ReactElement => (
  <Icon>
    <path d={NAV_PATHS[name]} />
  </Icon>
);

/** The mark: three growing bars. */
export const Mark = (): ReactElement => (
  <svg className="mark" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
    <rect className="mark-ground" width="32" height="32" rx="7" />
    <g className="mark-bars">
      <rect x="7" y="17" width="4" height="8" rx="1" />
      <rect x="14" y="12" width="4" height="13" rx="1" />
      <rect x="21" y="7" width="4" height="18" rx="1" />
    </g>
  </svg>
);
