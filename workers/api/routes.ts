/**
 * The table of the API's routes. The router, the permission check and the OpenAPI document are all made from it.
 */
import type { Route } from "./route.ts";
import { meRoute, signInRoute, signOutRoute, tokenRoute } from "./routes/auth.ts";
import {
  changeCustomMetricRoute,
  createCustomMetricRoute,
  customMetricRoute,
  customMetricsRoute,
  customMetricValuesRoute,
  removeCustomMetricRoute,
} from "./routes/custom-metrics.ts";
import {
  changeDashboardRoute,
  createDashboardRoute,
  dashboardRoute,
  dashboardsRoute,
  removeDashboardRoute,
} from "./routes/dashboards.ts";
import { docsRoutes } from "./routes/docs.ts";
import { errorsRoute } from "./routes/errors.ts";
import { activeUsersRoute, funnelRoute, topRoute, unitCostsRoute } from "./routes/insights.ts";
import { integrationsRoute, snippetRoute } from "./routes/integrations.ts";
import { createKeyRoute, keysRoute, revokeKeyRoute, rotateKeyRoute } from "./routes/keys.ts";
import { addMemberRoute, changeMemberRoute, memberRoute, membersRoute, removeMemberRoute } from "./routes/members.ts";
import {
  claimIdentityRoute,
  claimsRoute,
  decideClaimRoute,
  linkIdentityRoute,
  unlinkIdentityRoute,
} from "./routes/members-identities.ts";
import { summaryRoute, timeseriesRoute } from "./routes/metrics.ts";
import { pipelineRoute } from "./routes/pipeline.ts";
import { changePricesRoute, pricesRoute } from "./routes/prices.ts";
import { changePrivacyRoute, destroyPseudonymKeyRoute, privacyRoute } from "./routes/privacy.ts";
import { catalogueRoute, queryRoute } from "./routes/query.ts";
import { dailyReportsRoute } from "./routes/reports.ts";
import { residencyRoute } from "./routes/residency.ts";
import { changeRulesRoute, rulesRoute } from "./routes/rules.ts";
import { sessionRoute, sessionsRoute } from "./routes/sessions.ts";
import { changeSettingsRoute, settingsRoute } from "./routes/settings.ts";
import { addTeamRoute, changeTeamRoute, removeTeamRoute, teamsRoute } from "./routes/teams.ts";
import { createTokenRoute, revokeTokenRoute, tokensRoute } from "./routes/tokens.ts";
import { usageRoute } from "./routes/usage.ts";

export const ROUTES: readonly Route[] = [
  signInRoute,
  signOutRoute,
  tokenRoute,
  meRoute,
  summaryRoute,
  timeseriesRoute,
  topRoute,
  activeUsersRoute,
  funnelRoute,
  unitCostsRoute,
  errorsRoute,
  sessionsRoute,
  sessionRoute,
  queryRoute,
  catalogueRoute,
  customMetricsRoute,
  customMetricRoute,
  createCustomMetricRoute,
  changeCustomMetricRoute,
  removeCustomMetricRoute,
  customMetricValuesRoute,
  dashboardsRoute,
  dashboardRoute,
  createDashboardRoute,
  changeDashboardRoute,
  removeDashboardRoute,
  settingsRoute,
  changeSettingsRoute,
  membersRoute,
  memberRoute,
  addMemberRoute,
  changeMemberRoute,
  removeMemberRoute,
  claimIdentityRoute,
  linkIdentityRoute,
  unlinkIdentityRoute,
  claimsRoute,
  decideClaimRoute,
  teamsRoute,
  addTeamRoute,
  changeTeamRoute,
  removeTeamRoute,
  keysRoute,
  createKeyRoute,
  rotateKeyRoute,
  revokeKeyRoute,
  tokensRoute,
  createTokenRoute,
  revokeTokenRoute,
  pricesRoute,
  changePricesRoute,
  privacyRoute,
  changePrivacyRoute,
  destroyPseudonymKeyRoute,
  rulesRoute,
  changeRulesRoute,
  integrationsRoute,
  snippetRoute,
  residencyRoute,
  usageRoute,
  pipelineRoute,
  dailyReportsRoute,
  ...docsRoutes(() => ROUTES),
];
