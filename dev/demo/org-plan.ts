/**
 * The people, teams and repositories of one demo organisation, from (seed, org id) alone.
 * Used by the generators, and by whoever seeds the directory so that teams and users match the events. Pure.
 */
import { AGENTS, type DemoAgent, type DemoRepo, FIRST_NAMES, LAST_NAMES, REPOS, SITES, TEAM_NAMES } from "./catalog.ts";
import { chance, intBetween, pick, pickWeighted, type Random, randomFrom } from "./random.ts";

const MIN_TEAMS = 2;
const MAX_TEAMS = 4;
const MIN_DEVELOPERS = 8;
const MAX_DEVELOPERS = 20;

/** Sessions a day of work, before the day's own luck: the shares are what coding-agent roll-outs usually look like. */
const HABITS = [
  { name: "light", share: 4, sessionsPerDay: 0.7 },
  { name: "regular", share: 5, sessionsPerDay: 2.5 },
  { name: "heavy", share: 1.5, sessionsPerDay: 6 },
] as const;

export interface DemoTeam {
  team_id: string;
  site: string;
  /** Hours to add to UTC for the team's local time. */
  offsetHours: number;
  repos: DemoRepo[];
}

export interface DemoDeveloper {
  user_id: string;
  team: DemoTeam;
  habit: (typeof HABITS)[number]["name"];
  sessionsPerDay: number;
  agent: DemoAgent;
  /** Used in one session of five. */
  secondAgent: DemoAgent;
  agentVersion: string;
  /** Works now and then on weekends and at night. */
  nightOwl: boolean;
}

export interface OrgPlan {
  org_id: string;
  teams: DemoTeam[];
  developers: DemoDeveloper[];
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: random.bits() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

function planTeam(random: Random, name: string): DemoTeam {
  const site = pick(random, SITES);
  const repos = shuffled(random, REPOS).slice(0, intBetween(random, 2, 4));
  return { team_id: name, site: site.name, offsetHours: site.offsetHours, repos };
}

function planDeveloper(random: Random, userId: string, teams: readonly DemoTeam[]): DemoDeveloper {
  const habit = pickWeighted(random, HABITS, (h) => h.share);
  const agent = pickWeighted(random, AGENTS, (a) => a.weight);
  return {
    user_id: userId,
    team: pick(random, teams),
    habit: habit.name,
    sessionsPerDay: habit.sessionsPerDay,
    agent,
    secondAgent: pickWeighted(random, AGENTS, (a) => a.weight),
    agentVersion: pick(random, agent.versions),
    nightOwl: chance(random, 0.15),
  };
}

/** The organisation `orgId` of the world `seed`: the same arguments give the same people, whatever else runs. */
export function planOrg(seed: string, orgId: string): OrgPlan {
  const random = randomFrom(`${seed}|org|${orgId}`);
  const teams = shuffled(random, TEAM_NAMES)
    .slice(0, intBetween(random, MIN_TEAMS, MAX_TEAMS))
    .map((name) => planTeam(random, name));
  const lastNames = shuffled(random, LAST_NAMES);
  const domain = orgId.toLowerCase().replace(/[^a-z0-9-]+/g, "-");
  const developers = shuffled(random, FIRST_NAMES)
    .slice(0, intBetween(random, MIN_DEVELOPERS, MAX_DEVELOPERS))
    .map((first, i) => planDeveloper(random, `${first}.${lastNames[i % lastNames.length]}@${domain}.example`, teams));
  return { org_id: orgId, teams, developers };
}
