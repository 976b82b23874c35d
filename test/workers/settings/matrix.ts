/**
 * Who may do what: every guarded route of the API and the live app, and how far each role's permission reaches there.
 * `-`: refused with 403. own, team, org: the member's own objects and rows; those of their team; everything of the org.
 * matrix.test.ts runs every cell, and fails when a route is missing here.
 */
import type { Role, Scope } from "../../../schema/access.ts";

export type Reach = Scope | "-";

// biome-ignore format: a table
const TABLE: readonly (readonly [string, Reach, Reach, Reach, Reach])[] = [
  // route                                                    viewer  user    manager admin
  ["GET /api/v1/me",                                          "own",  "own",  "own",  "own"],
  ["GET /api/v1/metrics/summary",                             "own",  "own",  "team", "org"],
  ["GET /api/v1/metrics/timeseries",                          "own",  "own",  "team", "org"],
  ["POST /api/v1/query",                                      "own",  "own",  "team", "org"],
  ["GET /api/v1/query/catalogue",                             "own",  "own",  "team", "org"],
  ["GET /api/v1/custom-metrics",                              "own",  "own",  "team", "org"],
  ["GET /api/v1/custom-metrics/:id",                          "own",  "own",  "team", "org"],
  ["POST /api/v1/custom-metrics",                             "-",    "-",    "org",  "org"],
  ["PATCH /api/v1/custom-metrics/:id",                        "-",    "-",    "org",  "org"],
  ["DELETE /api/v1/custom-metrics/:id",                       "-",    "-",    "org",  "org"],
  ["GET /api/v1/custom-metrics/:id/values",                   "own",  "own",  "team", "org"],
  // Shared dashboards have a test of their own (explore/dashboards.test.ts); these are people's own.
  ["GET /api/v1/dashboards",                                  "own",  "own",  "own",  "own"],
  ["GET /api/v1/dashboards/:id",                              "own",  "own",  "own",  "own"],
  ["POST /api/v1/dashboards",                                 "own",  "own",  "own",  "own"],
  ["PATCH /api/v1/dashboards/:id",                            "own",  "own",  "own",  "own"],
  ["DELETE /api/v1/dashboards/:id",                           "own",  "own",  "own",  "own"],
  ["GET /api/v1/metrics/top",                                 "own",  "own",  "team", "org"],
  ["GET /api/v1/metrics/active-users",                        "own",  "own",  "team", "org"],
  ["GET /api/v1/metrics/funnel",                              "own",  "own",  "team", "org"],
  ["GET /api/v1/metrics/unit-costs",                          "own",  "own",  "team", "org"],
  ["GET /api/v1/errors",                                      "own",  "own",  "team", "org"],
  ["GET /api/v1/sessions",                                    "own",  "own",  "team", "org"],
  ["GET /api/v1/sessions/:id",                                "own",  "own",  "team", "org"],
  ["GET /api/v1/live",                                        "own",  "own",  "team", "org"],
  ["GET /api/v1/live/sse",                                    "own",  "own",  "team", "org"],
  ["POST /api/v1/live/ticket",                                "own",  "own",  "team", "org"],
  ["GET /api/v1/live/snapshot",                               "own",  "own",  "team", "org"],
  ["GET /api/v1/settings",                                    "-",    "-",    "-",    "org"],
  ["PATCH /api/v1/settings",                                  "-",    "-",    "-",    "org"],
  ["GET /api/v1/settings/prices",                             "-",    "-",    "-",    "org"],
  ["PUT /api/v1/settings/prices",                             "-",    "-",    "-",    "org"],
  ["GET /api/v1/settings/privacy",                            "-",    "-",    "-",    "org"],
  ["PUT /api/v1/settings/privacy",                            "-",    "-",    "-",    "org"],
  ["DELETE /api/v1/settings/privacy/pseudonym-key",           "-",    "-",    "-",    "org"],
  ["GET /api/v1/settings/rules",                              "-",    "-",    "-",    "org"],
  ["PUT /api/v1/settings/rules",                              "-",    "-",    "-",    "org"],
  ["GET /api/v1/integrations",                                "-",    "-",    "-",    "org"],
  ["GET /api/v1/integrations/:agent/snippet",                 "own",  "own",  "own",  "own"],
  ["GET /api/v1/settings/usage",                              "-",    "-",    "-",    "org"],
  ["GET /api/v1/settings/residency",                          "-",    "-",    "-",    "org"],
  ["GET /api/v1/settings/pipeline",                           "-",    "-",    "team", "org"],
  ["GET /api/v1/reports/daily",                               "-",    "-",    "-",    "org"],
  ["GET /api/v1/members",                                     "own",  "own",  "team", "org"],
  ["GET /api/v1/members/:id",                                 "own",  "own",  "team", "org"],
  ["POST /api/v1/members",                                    "-",    "-",    "-",    "org"],
  ["PATCH /api/v1/members/:id",                               "-",    "-",    "-",    "org"],
  ["DELETE /api/v1/members/:id",                              "-",    "-",    "-",    "org"],
  ["POST /api/v1/me/identities",                              "own",  "own",  "own",  "own"],
  ["POST /api/v1/members/:id/identities",                     "-",    "-",    "-",    "org"],
  ["DELETE /api/v1/members/:id/identities/:event_user_id",    "-",    "-",    "-",    "org"],
  ["GET /api/v1/identity-claims",                             "-",    "-",    "-",    "org"],
  ["POST /api/v1/identity-claims/decisions",                  "-",    "-",    "-",    "org"],
  ["GET /api/v1/teams",                                       "team", "team", "team", "org"],
  ["POST /api/v1/teams",                                      "-",    "-",    "-",    "org"],
  ["PATCH /api/v1/teams/:id",                                 "-",    "-",    "-",    "org"],
  ["DELETE /api/v1/teams/:id",                                "-",    "-",    "-",    "org"],
  ["GET /api/v1/keys",                                        "-",    "-",    "-",    "org"],
  ["POST /api/v1/keys",                                       "-",    "-",    "-",    "org"],
  ["POST /api/v1/keys/:id/rotate",                            "-",    "-",    "-",    "org"],
  ["DELETE /api/v1/keys/:id",                                 "-",    "-",    "-",    "org"],
  ["GET /api/v1/tokens",                                      "own",  "own",  "own",  "org"],
  ["POST /api/v1/tokens",                                     "own",  "own",  "own",  "org"],
  ["DELETE /api/v1/tokens/:id",                               "own",  "own",  "own",  "org"],
];

export const MATRIX: readonly { route: string; reach: Record<Role, Reach> }[] = TABLE.map(
  ([route, viewer, user, manager, admin]) => ({ route, reach: { viewer, user, manager, admin } }),
);
