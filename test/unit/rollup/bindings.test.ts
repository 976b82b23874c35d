import { describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { z } from "zod";
import { inRoot } from "../../../dev/paths.ts";
import type { Env } from "../../../workers/shared/env.ts";
import { rollupBinding } from "../../../workers/shared/rollup-binding.ts";

const ConfigSchema = z.object({
  workflows: z.array(z.object({ binding: z.string(), name: z.string(), jurisdiction: z.string().optional() })),
  triggers: z.object({ crons: z.array(z.string()) }),
});

describe("the rollup Workflows of wrangler.toml", () => {
  it.each([undefined, "staging", "production"])("are one of each region, the EU's in the EU: environment %s", (env) => {
    const options = { config: inRoot("wrangler.toml"), ...(env === undefined ? {} : { env }) };
    const { workflows, triggers } = ConfigSchema.parse(unstable_readConfig(options));
    const prefix = env === undefined ? "tenfold" : `tenfold-${env}`;
    expect(workflows).toEqual([
      expect.objectContaining({ binding: "ROLLUP", name: `${prefix}-rollup` }),
      expect.objectContaining({ binding: "ROLLUP_EU", name: `${prefix}-rollup-eu`, jurisdiction: "eu" }),
    ]);
    expect(workflows[0]).not.toHaveProperty("jurisdiction", "eu");
    expect(triggers.crons).toContain("* * * * *");
  });

  it("are chosen by the region", () => {
    const env = { ROLLUP: "us", ROLLUP_EU: "eu" } as unknown as Env;
    expect([rollupBinding(env, "us"), rollupBinding(env, "eu")]).toEqual(["us", "eu"]);
  });
});
