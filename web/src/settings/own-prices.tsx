/** Own prices and discounts: the list, and what adds to it and takes from it. Each change is saved at once. Used by the prices page. */
import { type ReactElement, useState } from "react";
import { PricesChangeSchema } from "../../../schema/api/prices.ts";
import type { PricePolicy } from "../../../schema/price-policy.ts";
import { BUCKETS } from "../../../schema/prices/table.ts";
import { useChange } from "../api/query.ts";
import { useMe } from "../app/me-context.ts";
import { Panel } from "../ui/panel.tsx";
import { Name } from "../ui/text.tsx";
import { may } from "./access.ts";
import { ChangeState } from "./change-state.tsx";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { FactorDialog, PriceDialog } from "./price-dialogs.tsx";
import { BUCKET_WORDS, type Factor, factorWords, type OwnPrice, periodWords } from "./prices.ts";
import { useOrg } from "./use-org.ts";

const PATH = "/api/v1/settings/prices";
type Open = "price" | "factor" | { kind: "remove"; what: string; after: PricePolicy } | null;

export function OwnPrices({ policy, unreadable }: { policy: PricePolicy; unreadable: boolean }): ReactElement {
  const { at } = useOrg();
  const writes = may(useMe(), "settings:write", "org");
  const [open, setOpen] = useState<Open>(null);
  const save = useChange(
    (body: PricePolicy) => ({ method: "PUT", path: at(PATH), schema: PricesChangeSchema, body }),
    [PATH],
  );
  const start = (next: Open): void => {
    save.reset();
    setOpen(next);
  };
  const close = (): void => setOpen(null);
  const commit = (after: PricePolicy): void => save.mutate(after, { onSuccess: close });
  const without = <T,>(list: readonly T[], index: number): T[] => list.filter((_, i) => i !== index);
  return (
    <Panel
      title="Own prices"
      note="instead of the list, for events from a minute after a change; what is stored keeps its price"
      controls={
        writes ? (
          <>
            <button type="button" className="button button-small" onClick={() => start("factor")}>
              Add discount
            </button>
            <button type="button" className="button button-small" onClick={() => start("price")}>
              Add price
            </button>
          </>
        ) : null
      }
    >
      {unreadable ? (
        <p className="bg-bad-soft px-4 py-2 text-bad" role="alert">
          What is stored cannot be read: nothing is priced until it is replaced.
        </p>
      ) : null}
      {policy.prices.length + policy.factors.length === 0 ? (
        <p className="px-4 pb-3 text-muted">None: every event is priced by the list below.</p>
      ) : (
        <ul>
          {policy.prices.map((price, index) => (
            <Row
              key={JSON.stringify(price)}
              name={price.models.join(", ")}
              facts={priceFacts(price)}
              onRemove={
                writes
                  ? () =>
                      start({
                        kind: "remove",
                        what: price.models[0] ?? "",
                        after: { ...policy, prices: without(policy.prices, index) },
                      })
                  : undefined
              }
            />
          ))}
          {policy.factors.map((factor, index) => (
            <Row
              key={JSON.stringify(factor)}
              name={factorName(factor)}
              facts={`${factorWords(factor.factor)}, ${periodWords(factor)}`}
              onRemove={
                writes
                  ? () =>
                      start({
                        kind: "remove",
                        what: "discount",
                        after: { ...policy, factors: without(policy.factors, index) },
                      })
                  : undefined
              }
            />
          ))}
        </ul>
      )}
      {open === null && save.isSuccess ? (
        <div className="flex px-4 pb-2">
          <ChangeState change={save} />
        </div>
      ) : null}
      {open === "price" ? <PriceDialog policy={policy} change={save} onSave={commit} onClose={close} /> : null}
      {open === "factor" ? <FactorDialog policy={policy} change={save} onSave={commit} onClose={close} /> : null}
      {open !== null && typeof open === "object" ? (
        <ConfirmDialog
          title="Remove it?"
          word={open.what}
          action="Remove"
          change={save}
          onConfirm={() => commit(open.after)}
          onClose={close}
        >
          <p>Events that are received from then on have the price of the list, or none.</p>
        </ConfirmDialog>
      ) : null}
    </Panel>
  );
}

function factorName({ provider, models }: Factor): string {
  return `${models === undefined ? "All models" : models.join(", ")} of ${provider ?? "every list"}`;
}

function priceFacts(price: OwnPrice): string {
  const rates = BUCKETS.map((bucket) => `${BUCKET_WORDS[bucket].toLowerCase()} $${price.usd_per_million[bucket]}`).join(
    " · ",
  );
  const long =
    price.long_context === undefined ? "" : `; another price above ${price.long_context.above_tokens} tokens`;
  return `${price.provider === undefined ? "" : `only ${price.provider}; `}${rates}; ${periodWords(price)}${long}`;
}

function Row({
  name,
  facts,
  onRemove,
}: {
  name: string;
  facts: string;
  onRemove: (() => void) | undefined;
}): ReactElement {
  return (
    <li className="flex items-center gap-3 border-t border-line px-4 py-2">
      <span className="min-w-0 flex-1">
        <Name value={name} className="font-medium" />
        <span className="block text-2 break-words text-muted">{facts}</span>
      </span>
      {onRemove === undefined ? null : (
        <button type="button" className="button button-small" onClick={onRemove}>
          Remove…<span className="visually-hidden"> {name}</span>
        </button>
      )}
    </li>
  );
}
