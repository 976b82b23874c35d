/** The frame of every signed-in page: header, navigation, the page itself, and what is reachable from everywhere. Used by the signed-in route. */
import { Link, Outlet, useLocation, useNavigate, useRouter } from "@tanstack/react-router";
import { lazy, type ReactElement, Suspense, useCallback, useEffect, useRef, useState } from "react";
import type { Me } from "../api/me.ts";
import { useApiClient } from "../api/query.ts";
import { Header } from "../ui/header.tsx";
import { NavIcon } from "../ui/icons.tsx";
import { OfflineNote } from "../ui/offline-note.tsx";
import { usePreferences } from "../ui/preferences.tsx";
import { FrameTools } from "./frame-tools.tsx";
import { MeContext } from "./me-context.ts";
import { alongSearch, NAV, type NavItem } from "./nav.ts";
import type { FrameIntent } from "./palette-commands.ts";
import { useCopyLink } from "./share.tsx";
import { useShortcuts } from "./shortcuts.tsx";
import type { ShortcutAction } from "./shortcuts-state.ts";

/** Not part of what the first view waits for. */
const Palette = lazy(() => import("./palette.tsx"));
const ShortcutHelp = lazy(() => import("./shortcut-help.tsx"));

export function Frame({ me }: { me: Me }): ReactElement {
  const api = useApiClient();
  const navigate = useNavigate();
  const router = useRouter();
  const { pathname } = useLocation();
  const { theme, zone } = usePreferences();
  const [over, setOver] = useState<"palette" | "help" | null>(null);
  const [shared, copyLink] = useCopyLink(me.org_id);
  const onShortcut = useCallback(
    (action: ShortcutAction<NavItem["to"]>): void => {
      if (action.kind === "go") void navigate({ to: action.to, search: alongSearch });
      else if (action.kind !== "filter") setOver(action.kind);
    },
    [navigate],
  );
  useShortcuts(onShortcut);
  const signOut = async (): Promise<void> => {
    await api.signOut();
    await navigate({ to: "/sign-in" });
    await router.invalidate();
  };
  const switchOrg = (org: string): void => void navigate({ to: ".", search: { org } });
  const run = (intent: FrameIntent): void => {
    if (intent.do === "go") void navigate({ to: intent.to, search: alongSearch });
    else if (intent.do === "org") switchOrg(intent.org);
    else if (intent.do === "theme") theme.set(intent.theme);
    else if (intent.do === "zone") zone.set(intent.zone);
    else if (intent.do === "share") copyLink();
    else if (intent.do === "help") setOver("help");
    else void signOut();
  };
  const close = (): void => setOver(null);
  return (
    <MeContext value={me}>
      <Header
        me={me}
        onOrg={switchOrg}
        onSignOut={() => void signOut()}
        tools={<FrameTools shared={shared} onShare={copyLink} onPalette={() => setOver("palette")} />}
      />
      <div className="frame">
        <Navigation />
        <main id="main" className="main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      {pathname === "/live" ? null : <OfflineNote />}
      <Suspense fallback={null}>
        {over === "help" ? <ShortcutHelp onClose={close} /> : null}
        {over === "palette" ? <Palette onRun={run} onClose={close} /> : null}
      </Suspense>
    </MeContext>
  );
}

function Navigation(): ReactElement {
  const nav = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone the row scrolls; each view brings its own name into sight
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [pathname]);
  return (
    <nav ref={nav} className="nav" aria-label="Views">
      <ul>
        {NAV.map(({ to, label, icon }) => (
          <li key={to}>
            <Link to={to} search={alongSearch} className="nav-item" activeProps={{ "aria-current": "page" }}>
              <NavIcon name={icon} />
              <span>{label}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
