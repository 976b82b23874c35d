/** Adding a price of the organisation's own, or a discount on list prices. Used by the prices page. */
import { type ReactElement, type ReactNode, useState } from "react";
import type { PricePolicy } from "../../../schema/price-policy.ts";
import { BUCKETS } from "../../../schema/prices/table.ts";
import { type ChangeLike, ChangeState } from "./change-state.tsx";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { BUCKET_WORDS, NO_PRICE, type PriceForm, withFactor, withPrice } from "./prices.ts";

interface Props {
  policy: PricePolicy;
  change: ChangeLike;
  onSave(policy: PricePolicy): void;
  onClose(): void;
}

export function PriceDialog({ policy, change, onSave, onClose }: Props): ReactElement {
  const [form, setForm] = useState<PriceForm>(NO_PRICE);
  const result = withPrice(policy, form);
  return (
    <Frame title="Add a price" result={result} change={change} onSave={onSave} onClose={onClose}>
      <Field label="Models" hint="Names as agents report them, a few by commas; a name covers its dated forms.">
        <input
          className="input font-mono"
          value={form.models}
          spellCheck={false}
          onChange={(event) => setForm({ ...form, models: event.target.value })}
        />
      </Field>
      <Field label="Provider" hint="Only for this one, as agents name it; empty: whoever serves the model.">
        <input
          className="input font-mono"
          value={form.provider}
          spellCheck={false}
          onChange={(event) => setForm({ ...form, provider: event.target.value })}
        />
      </Field>
      <fieldset className="grid gap-3 sm:grid-cols-2">
        <legend className="mb-2 font-medium">USD per million tokens</legend>
        {BUCKETS.map((bucket) => (
          <Field key={bucket} label={BUCKET_WORDS[bucket]}>
            <input
              className="input"
              inputMode="decimal"
              placeholder="0.00"
              value={form.rates[bucket]}
              onChange={(event) => setForm({ ...form, rates: { ...form.rates, [bucket]: event.target.value } })}
            />
          </Field>
        ))}
      </fieldset>
    </Frame>
  );
}

export function FactorDialog({ policy, change, onSave, onClose }: Props): ReactElement {
  const [form, setForm] = useState({ percent: "", provider: "", models: "" });
  const result = withFactor(policy, form);
  return (
    <Frame title="Add a discount" result={result} change={change} onSave={onSave} onClose={onClose}>
      <Field label="Percent off list prices" hint="As 15 or 7.5.">
        <input
          className="input"
          inputMode="decimal"
          value={form.percent}
          onChange={(event) => setForm({ ...form, percent: event.target.value })}
        />
      </Field>
      <Field label="Provider" hint="Of the list: anthropic, openai, google; empty: all.">
        <input
          className="input font-mono"
          value={form.provider}
          spellCheck={false}
          onChange={(event) => setForm({ ...form, provider: event.target.value })}
        />
      </Field>
      <Field label="Models" hint="Empty: all models of the list.">
        <input
          className="input font-mono"
          value={form.models}
          spellCheck={false}
          onChange={(event) => setForm({ ...form, models: event.target.value })}
        />
      </Field>
    </Frame>
  );
}

function Frame({
  title,
  result,
  change,
  onSave,
  onClose,
  children,
}: {
  title: string;
  result: { policy: PricePolicy } | { problem: string | null };
  change: ChangeLike;
  onSave(policy: PricePolicy): void;
  onClose(): void;
  children: ReactNode;
}): ReactElement {
  const ready = "policy" in result && !change.isPending;
  const problem = "problem" in result ? result.problem : null;
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={() => ready && "policy" in result && onSave(result.policy)}
      actions={
        <>
          <ChangeState change={change} />
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={!ready}>
            Add
          </button>
        </>
      }
    >
      {children}
      {/* The line is kept free, so that a mistake moves nothing. */}
      <p className="min-h-5 text-2 text-bad" role="status">
        {problem}
      </p>
    </Dialog>
  );
}
