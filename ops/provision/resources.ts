/**
 * What one environment needs on Cloudflare, read from wrangler.toml itself: there is no second list to keep in step.
 * Called by provision and deploy-check. Reads the file, talks to nobody.
 *
 * wrangler.toml has a jurisdiction for buckets only; for queues and databases a binding that ends in _EU says it.
 */
import { unstable_readConfig } from "wrangler";
import { z } from "zod";

export type Jurisdiction = "eu" | undefined;

export interface Resources {
  /** Name of the deployed Worker. */
  worker: string;
  vars: Record<string, unknown>;
  queues: { name: string; jurisdiction: Jurisdiction; deadLetters: string | undefined }[];
  databases: { binding: string; name: string; id: string; jurisdiction: Jurisdiction }[];
  buckets: { binding: string; name: string; jurisdiction: Jurisdiction }[];
  /** Names of Durable Object bindings; they need nothing created. */
  objects: string[];
}

const ConfigSchema = z.object({
  name: z.string(),
  vars: z.record(z.string(), z.unknown()),
  queues: z.object({
    producers: z.array(z.object({ binding: z.string(), queue: z.string() })).default([]),
    consumers: z.array(z.object({ queue: z.string(), dead_letter_queue: z.string().optional() })).default([]),
  }),
  d1_databases: z.array(z.object({ binding: z.string(), database_name: z.string(), database_id: z.string() })),
  r2_buckets: z.array(z.object({ binding: z.string(), bucket_name: z.string(), jurisdiction: z.string().optional() })),
  durable_objects: z.object({ bindings: z.array(z.object({ name: z.string() })) }),
});

const jurisdictionOf = (binding: string): Jurisdiction => (binding.endsWith("_EU") ? "eu" : undefined);

/** The resources of an environment; the top level when `env` is undefined. Throws for a file that contradicts itself. */
export function readResources(config: string, env?: string): Resources {
  const parsed = ConfigSchema.parse(unstable_readConfig({ config, ...(env === undefined ? {} : { env }) }));
  const buckets = parsed.r2_buckets.map(({ binding, bucket_name: name, jurisdiction }) => {
    if (jurisdiction !== jurisdictionOf(binding)) {
      throw new Error(
        `${config}: bucket ${name} is bound as ${binding} but its jurisdiction is ${jurisdiction ?? "none"}`,
      );
    }
    return { binding, name, jurisdiction: jurisdictionOf(binding) };
  });
  const databases = parsed.d1_databases.map(({ binding, database_name: name, database_id: id }) => ({
    binding,
    name,
    id,
    jurisdiction: jurisdictionOf(binding),
  }));
  return {
    worker: parsed.name,
    vars: parsed.vars,
    queues: queuesOf(parsed.queues),
    databases,
    buckets,
    objects: parsed.durable_objects.bindings.map(({ name }) => name),
  };
}

/** Every queue that is sent to, consumed or a dead-letter queue. Dead letters live where their queue does. */
function queuesOf({ producers, consumers }: z.infer<typeof ConfigSchema>["queues"]): Resources["queues"] {
  const pinned = new Set(producers.filter(({ binding }) => jurisdictionOf(binding) === "eu").map(({ queue }) => queue));
  const deadLettersOf = new Map(consumers.map(({ queue, dead_letter_queue }) => [queue, dead_letter_queue]));
  for (const { queue, dead_letter_queue: dead } of consumers)
    if (dead !== undefined && pinned.has(queue)) pinned.add(dead);
  const names = [
    ...producers.map(({ queue }) => queue),
    ...consumers.flatMap(({ queue, dead_letter_queue: dead }) => [queue, dead ?? queue]),
  ];
  return [...new Set(names)].map((name) => ({
    name,
    jurisdiction: pinned.has(name) ? "eu" : undefined,
    deadLetters: deadLettersOf.get(name),
  }));
}

/** Ids that stand in wrangler.toml until `npm run provision` writes real ones. */
export const isPlaceholder = (id: string): boolean => /^0{8}-0{4}-0{4}-0{4}-/.test(id);
