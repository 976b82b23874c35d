/** Waits for the first event of a new key, and says when it came and from which agents. Used where a key is shown. */
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { IntegrationsAnswerSchema } from "../../../schema/api/integrations.ts";
import { type Key, KeysAnswerSchema } from "../../../schema/api/keys.ts";
import { useApi } from "../api/query.ts";
import { formatExact } from "../format/number.ts";
import { IconCheck } from "../ui/icons.tsx";
import { arrivalOf } from "./keys.ts";
import { useOrg } from "./use-org.ts";

/** While somebody waits; far below the 600 requests a minute that a session has. */
const ASK_MS = 3_000;
/** Keys of the longest page: a new key is looked for among them. */
const MOST_KEYS = 200;

export function FirstEvent({ of: key }: { of: Key }): ReactElement {
  const { params } = useOrg();
  const keys = useApi("/api/v1/keys", { ...params, limit: MOST_KEYS }, KeysAnswerSchema, { refreshMs: ASK_MS });
  const integrations = useApi("/api/v1/integrations", params, IntegrationsAnswerSchema, { refreshMs: 2 * ASK_MS });
  const { arrived, agents } = arrivalOf(key.key_id, keys.data?.keys ?? [], integrations.data);
  return (
    <div
      role="status"
      data-arrived={arrived}
      className={`grid gap-1 rounded-md border p-3 ${arrived ? "border-good" : "border-line"}`}
    >
      {arrived ? (
        <>
          <p className="flex flex-wrap items-center gap-2 font-medium text-good">
            <IconCheck /> The first event arrived with this key.
            <span className="flex-1" />
            <Link to="/live" search={({ org }) => ({ org })} className="button button-small">
              Watch it live
            </Link>
          </p>
          {agents.map(({ agent, version, received, rejected, unknown }) => (
            <p key={agent} className="text-2 text-muted">
              <bdi>{agent}</bdi> {version ?? ""}: {formatExact(received)} records so far
              {unknown + rejected === 0
                ? ", all understood"
                : `, ${formatExact(unknown)} of unknown names, ${formatExact(rejected)} refused`}
            </p>
          ))}
        </>
      ) : (
        <>
          <p className="flex items-center gap-2 font-medium">
            <span className="relative flex size-2">
              <span className="absolute size-2 rounded-full bg-accent motion-safe:animate-ping" />
              <span className="size-2 rounded-full bg-accent" />
            </span>
            Waiting for the first event with this key
          </p>
          <p className="text-2 text-muted">
            {keys.error === null
              ? "Start the agent and do something with it: this turns green within seconds. You can also close this and look later."
              : "Tenfold cannot be asked at the moment; this goes on by itself."}
          </p>
        </>
      )}
    </div>
  );
}
