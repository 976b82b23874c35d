/**
 * A policy worked out for one shape of events: which of their attributes go, which are asked for their value, which names stand for
 * an attribute. Called by redact. Normalisers give all events of a shape the same `sources` object, so each shape is worked out once.
 */
import { TOOL_ERROR } from "../../../schema/privacy-policy.ts";
import type { NormalisedEvent } from "./normalise/contract.ts";
import type { CompiledPolicy } from "./redact-policy.ts";

/** Attributes by which an event is known to be about a tool, and those that say in words what went wrong. */
const TOOL_NAMES = ["tool_name", "function_name", "tool.name", "gen_ai.tool.name"] as const;
const ERROR_TEXTS: ReadonlySet<string> = new Set(["error", "error.message", "error_message", "exception.message"]);
const METADATA = "metadata.";

/** One attribute that is not simply kept. `action` undefined: its value decides. */
export interface PlannedStep {
  path: string;
  /** The name below metadata, when the path says so. */
  below: string | undefined;
  action: "hash" | "drop" | undefined;
}

export interface RedactionPlan {
  steps: readonly PlannedStep[];
  /** True for a key of metadata that stands for an attribute. */
  isListed(name: string): boolean;
}

type Sources = NormalisedEvent["sources"];
type Plans = WeakMap<Sources, { agent: string; plan: RedactionPlan }>;

const plansOf = new WeakMap<CompiledPolicy, Plans>();

/** The plan for events of this agent with these sources, the same one for the same objects. */
export function planFor(policy: CompiledPolicy, agent: string, sources: Sources): RedactionPlan {
  let plans = plansOf.get(policy);
  if (plans === undefined) {
    plans = new WeakMap();
    plansOf.set(policy, plans);
  }
  const known = plans.get(sources);
  if (known !== undefined && known.agent === agent) return known.plan;
  const plan = makePlan(policy, agent, sources);
  // Only what nobody can change may be remembered.
  if (Object.isFrozen(sources)) plans.set(sources, { agent, plan });
  return plan;
}

function makePlan(policy: CompiledPolicy, agent: string, sources: Sources): RedactionPlan {
  const ofTool = TOOL_NAMES.some((name) => Object.hasOwn(sources, name));
  const steps: PlannedStep[] = [];
  for (const attribute in sources) {
    const path = sources[attribute] ?? "";
    const asked = ofTool && ERROR_TEXTS.has(attribute) ? TOOL_ERROR : attribute;
    const action = policy.actionOfName(agent, asked);
    const below = path.startsWith(METADATA) ? path.slice(METADATA.length) : undefined;
    if (action !== "keep") steps.push({ path, below, action });
  }
  const listed = new Set(Object.values(sources));
  for (const path of [...listed]) if (path.startsWith(METADATA)) listed.add(path.slice(METADATA.length));
  return { steps, isListed: (name) => listed.has(name) };
}
