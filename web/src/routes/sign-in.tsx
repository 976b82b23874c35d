/** Sign in; returns to `next` afterwards. */
import { createFileRoute, useRouter } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { z } from "zod";
import { safeReturnPath } from "../search.ts";
import { SignInPage } from "../sign-in/sign-in-page.tsx";

const SignInSearchSchema = z.object({
  next: z.string().max(4_096).optional().catch(undefined),
  why: z.enum(["expired"]).optional().catch(undefined),
});

export const Route = createFileRoute("/sign-in")({
  validateSearch: SignInSearchSchema,
  component: SignIn,
});

function SignIn(): ReactElement {
  const { api, cache } = Route.useRouteContext();
  const { next, why } = Route.useSearch();
  const router = useRouter();
  return (
    <SignInPage
      signIn={api.signIn}
      notice={why === "expired" ? "Your session ended. Sign in to go on where you were." : null}
      onSignedIn={async () => {
        // What was loaded for the person before must not be shown to this one, not even for a moment.
        cache.clear();
        router.clearCache();
        await router.invalidate();
        router.history.push(safeReturnPath(next));
      }}
    />
  );
}
