/** Makes an ingest key. What was filled in stays when the API refuses it. Used by the keys page. */
import { type ReactElement, useState } from "react";
import type { z } from "zod";
import { type KeyCreateSchema, KeyShownSchema } from "../../../schema/api/keys.ts";
import type { StorageRegion } from "../../../schema/pack.ts";
import { useChange } from "../api/query.ts";
import { ChangeState } from "./change-state.tsx";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { expiryOf, listOf } from "./keys.ts";
import { useOrg } from "./use-org.ts";

type Body = z.input<typeof KeyCreateSchema>;

const CLASSES: readonly { value: "header" | "path"; label: string; hint: string }[] = [
  {
    value: "header",
    label: "Header",
    hint: "Sent as a header. The right one for Claude Code, Codex, Copilot and SDKs.",
  },
  {
    value: "path",
    label: "Path",
    hint: "May also stand in the address, where logs may see it. For Gemini CLI and tools that can set no header.",
  },
];

export function NewKeyDialog({
  regions,
  proposed,
  onClose,
  onMade,
}: {
  regions: readonly StorageRegion[];
  proposed: StorageRegion;
  onClose(): void;
  onMade(shown: z.infer<typeof KeyShownSchema>): void;
}): ReactElement {
  const { at } = useOrg();
  const [name, setName] = useState("");
  const [keyClass, setKeyClass] = useState<"header" | "path">("header");
  const [region, setRegion] = useState(proposed);
  const [ips, setIps] = useState("");
  const [origins, setOrigins] = useState("");
  const [day, setDay] = useState("");
  const make = useChange(
    (body: Body) => ({ method: "POST", path: at("/api/v1/keys"), schema: KeyShownSchema, body }),
    ["/api/v1/keys"],
  );
  const expires = expiryOf(day, Date.now());
  const ready = name.trim() !== "" && expires !== undefined && !make.isPending;
  const submit = (): void => {
    if (!ready) return;
    make.mutate(
      {
        name: name.trim(),
        class: keyClass,
        ...(regions.length > 1 ? { region } : {}),
        allowed_ips: listOf(ips),
        allowed_origins: listOf(origins),
        expires_at: expires,
      },
      { onSuccess: onMade },
    );
  };
  return (
    <Dialog
      title="New ingest key"
      onClose={onClose}
      onSubmit={submit}
      actions={
        <>
          <ChangeState change={make} />
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={!ready}>
            Create key
          </button>
        </>
      }
    >
      <Field label="Name" hint="Who or what will use it: laptops of a team, a build server.">
        <input
          className="input"
          value={name}
          maxLength={128}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <fieldset className="grid gap-2">
        <legend className="mb-1 font-medium">Class</legend>
        {CLASSES.map(({ value, label, hint }) => (
          <label key={value} className="flex cursor-pointer items-start gap-2">
            <input
              type="radio"
              name="class"
              className="mt-1"
              checked={keyClass === value}
              onChange={() => setKeyClass(value)}
            />
            <span>
              <span className="font-medium">{label}</span> <span className="text-muted">{hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {regions.length > 1 ? (
        <Field label="Events are stored in" hint="A property of the key, for ever; the nearest is proposed.">
          <select
            className="select"
            value={region}
            onChange={(event) => setRegion(regions.find((one) => one === event.target.value) ?? proposed)}
          >
            {regions.map((one) => (
              <option key={one} value={one}>
                {one.toUpperCase()}
              </option>
            ))}
          </select>
        </Field>
      ) : null}
      <details className="group">
        <summary className="cursor-pointer text-muted">Limits: expiry, addresses, web origins</summary>
        <div className="mt-3 grid gap-4">
          <Field
            label="Expires after"
            hint="Empty: never."
            problem={expires === undefined ? "Choose today or a later day." : null}
          >
            <input className="input" type="date" value={day} onChange={(event) => setDay(event.target.value)} />
          </Field>
          <Field
            label="Only from these addresses"
            hint="Addresses and CIDR blocks, as 10.0.0.0/8; empty: from anywhere."
          >
            <textarea
              className="input h-16 py-1"
              value={ips}
              spellCheck={false}
              onChange={(event) => setIps(event.target.value)}
            />
          </Field>
          <Field label="Pages of these web origins may use it" hint="As https://app.example; empty: no browser may.">
            <textarea
              className="input h-16 py-1"
              value={origins}
              spellCheck={false}
              onChange={(event) => setOrigins(event.target.value)}
            />
          </Field>
        </div>
      </details>
    </Dialog>
  );
}
