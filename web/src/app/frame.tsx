/** The frame of every signed-in page: header, navigation, the page itself. Used by the signed-in route. */
import { Link, Outlet, useNavigate, useRouter } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Me } from "../api/me.ts";
import { useApiClient } from "../api/query.ts";
import { Header } from "../ui/header.tsx";
import { NavIcon } from "../ui/icons.tsx";
import { MeContext } from "./me-context.ts";
import { NAV } from "./nav.ts";

export function Frame({ me }: { me: Me }): ReactElement {
  const api = useApiClient();
  const navigate = useNavigate();
  const router = useRouter();
  const signOut = async (): Promise<void> => {
    await api.signOut();
    await navigate({ to: "/sign-in" });
    await router.invalidate();
  };
  return (
    <MeContext value={me}>
      <Header me={me} onOrg={(org) => void navigate({ to: ".", search: { org } })} onSignOut={() => void signOut()} />
      <div className="frame">
        <Navigation />
        <main id="main" className="main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
    </MeContext>
  );
}

function Navigation(): ReactElement {
  return (
    <nav className="nav" aria-label="Views">
      <ul>
        {NAV.map(({ to, label, icon }) => (
          <li key={to}>
            <Link
              to={to}
              // Range and filters go along; what belongs to one view stays there.
              search={({ org, range, from, to: end, team, agent, model, repo, environment }) => ({
                org,
                range,
                from,
                to: end,
                team,
                agent,
                model,
                repo,
                environment,
              })}
              className="nav-item"
              activeProps={{ "aria-current": "page" }}
            >
              <NavIcon name={icon} />
              <span>{label}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
