/**
 * The operator app: tenants, replay of stored packs, rollups of a range. For people who run Tenfold, never for tenants; one token, compared in constant time.
 * Called by `npm run tenant`, `npm run replay` and `npm run rollup`. A complete Hono app; workers/index.ts mounts it.
 */
import { timingSafeEqual } from "node:crypto";
import type { Context, Hono, MiddlewareHandler } from "hono";
import { z } from "zod";
import { PublicError } from "../../schema/errors.ts";
import { ReplayRequestSchema } from "../../schema/operator.ts";
import { needs } from "../shared/authorize.ts";
import { readConfig } from "../shared/env.ts";
import { type AppEnv, createApp, json } from "../shared/http.ts";
import { replaySpill, replayStored } from "../shared/replay.ts";
import { waitingMessages } from "../shared/waiting-messages.ts";
import { addRollupRoutes } from "./rollup.ts";
import { addTenantRoutes } from "./tenants.ts";

const operatorOnly: MiddlewareHandler<AppEnv> = async (c, next) => {
  const given = Buffer.from(/^Bearer (\S+)$/.exec(c.req.header("authorization") ?? "")?.[1] ?? "");
  const wanted = Buffer.from(readConfig(c.env).operatorToken);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new PublicError("unauthorized", "the operator token is needed");
  }
  await next();
};

/** Builds the app. */
export function createOperatorApp(): Hono<AppEnv> {
  const app = createApp("operator", "internal");
  app.use(operatorOnly);
  addTenantRoutes(app);
  addRollupRoutes(app);
  const replay = async (c: Context<AppEnv>): Promise<Response> => {
    const parsed = ReplayRequestSchema.safeParse(await c.req.json().catch(() => undefined));
    if (!parsed.success) {
      throw new PublicError("invalid_request", "not a replay request", { details: z.flattenError(parsed.error) });
    }
    const { source, from, to, cursor } = parsed.data;
    const now = Date.now();
    if (source === "spill") return json(await replaySpill(c.env, now));
    const stored = source === "dead-letters" ? source : { from: Date.parse(from ?? ""), to: Date.parse(to ?? "") };
    return json(await replayStored(c.env, stored, cursor, now));
  };
  const waiting = (): Response => json({ unsettled: waitingMessages.count });
  app.get("/operator/queues", needs({ credential: "operator token" }, waiting));
  app.post("/operator/replay", needs({ credential: "operator token" }, replay));
  return app;
}
