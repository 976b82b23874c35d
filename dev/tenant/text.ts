/** Answers of the operator app as lines for a terminal. Pure; called by main.ts. */
import type { z } from "zod";
import type { Tenant, TenantCreated, TenantUsageSchema } from "../../schema/operator-tenants.ts";

const limit = (value: number | null): string => (value === null ? "no limit" : value.toLocaleString("en-US"));

/** One line a tenant. */
export function listText(tenants: readonly Tenant[]): string {
  const rows = tenants.map((one) => [
    one.org_id,
    one.data_residency,
    one.billing.plan,
    `${one.seats_taken}/${one.quotas.max_seats ?? "-"} seats`,
    one.suspended ? "suspended" : "active",
    one.name,
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, n) => cell.padEnd(widths[n] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Everything about one tenant. */
export function tenantText(one: Tenant): string {
  const { quotas, features, granted_features: granted, billing } = one;
  const lines = [
    `${one.org_id}  ${one.name} (${one.slug})${one.suspended ? "  SUSPENDED" : ""}`,
    `residency      ${one.data_residency}, live object in ${one.primary_region}`,
    `plan           ${billing.plan}, billing ${billing.billing_email ?? "-"}, stripe ${billing.stripe_customer_id ?? "-"}`,
    `seats          ${one.seats_taken} of ${limit(quotas.max_seats)}`,
    `events         ${limit(quotas.max_events_per_second)} a second, ${limit(quotas.max_events_per_day)} a day`,
    `API requests   ${limit(quotas.max_api_requests_per_minute)} a minute`,
    `storage        ${quotas.max_storage_gb === null ? "no limit" : `${limit(quotas.max_storage_gb)} GB`}`,
    `shards         ${one.queue_shards} queue, ${one.buffer_shards} buffer`,
  ];
  for (const name of Object.keys(features) as (keyof typeof features)[]) {
    const state = features[name] ? "on" : granted[name] ? "off (switched off by its admins)" : "off";
    lines.push(`${name.replace(/_enabled$/, "").padEnd(14)} ${state}`);
  }
  return [...lines, `created        ${one.created_at}`, `changed        ${one.updated_at}`].join("\n");
}

/** What is shown once, and the tenant. */
export function createdText({ tenant, ingest_keys, admin }: TenantCreated): string {
  const lines = [tenantText(tenant), "", "shown once:"];
  for (const key of ingest_keys) lines.push(`  ingest key  ${key}`);
  if (admin !== null)
    lines.push(`  admin       ${admin.email}  password ${admin.password ?? "(the account was there)"}`);
  return lines.join("\n");
}

/** What differs between two states of a tenant. */
export function changeText(before: Tenant, after: Tenant): string {
  const old = flat(before);
  const changed = [...flat(after)].filter(([name, value]) => name !== "updated_at" && old.get(name) !== value);
  if (changed.length === 0) return `${after.org_id}: nothing changed`;
  return changed.map(([name, value]) => `${name}: ${old.get(name)} -> ${value}`).join("\n");
}

function flat(value: object, prefix = ""): Map<string, unknown> {
  const all = new Map<string, unknown>();
  for (const [name, one] of Object.entries(value)) {
    if (typeof one === "object" && one !== null) for (const pair of flat(one, `${prefix}${name}.`)) all.set(...pair);
    else all.set(`${prefix}${name}`, one);
  }
  return all;
}

/** Events by day against the quotas. */
export function usageText(usage: z.infer<typeof TenantUsageSchema>): string {
  const days = usage.days.map(({ day, events }) => `${day}  ${events.toLocaleString("en-US").padStart(15)} events`);
  return [
    ...(days.length === 0 ? ["no events"] : days),
    `limit of a day  ${limit(usage.max_events_per_day)}`,
    `seats           ${usage.seats_taken} of ${limit(usage.max_seats)}`,
    `keys            ${usage.active_keys} that are good now`,
  ].join("\n");
}
