/** The frame of Settings: title and the row of its parts. Used by the settings route, around each part. */
import { Link, useLocation } from "@tanstack/react-router";
import { type ReactElement, type ReactNode, useEffect, useRef } from "react";
import { useMe } from "../app/me-context.ts";
import { ViewTitle } from "../ui/panel.tsx";
import { may } from "./access.ts";
import { SETTINGS_TABS } from "./tabs.ts";

export function SettingsFrame({ children }: { children: ReactNode }): ReactElement {
  const me = useMe();
  const tabs = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone the row scrolls; each part brings its own name into sight
  useEffect(() => {
    tabs.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [pathname]);
  return (
    <>
      <ViewTitle title="Settings" />
      <nav ref={tabs} className="mb-4 overflow-x-auto border-b border-line" aria-label="Settings">
        <ul className="flex gap-1">
          {SETTINGS_TABS.map(({ to, label, permission, scope }) => (
            <li key={to}>
              <Link
                to={to}
                search={({ org }) => ({ org })}
                className="flex h-9 items-center border-b-2 border-transparent px-3 font-medium whitespace-nowrap text-muted no-underline hover:text-fg aria-[current]:border-accent aria-[current]:text-fg focus-visible:-outline-offset-2"
                activeProps={{ "aria-current": "page" }}
              >
                {label}
                {may(me, permission, scope) ? null : <span className="visually-hidden"> (not for your role)</span>}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </>
  );
}
