/** From sessions to code to pull requests: the steps as people read them. Pure. */
import type { FunnelAnswer } from "../../../schema/api/insights.ts";

const LABELS: Record<FunnelAnswer["steps"][number]["step"], string> = {
  session: "Sessions",
  code: "With generated code",
  pull_request: "With a pull request",
};

export interface FunnelStep {
  step: string;
  label: string;
  sessions: number;
  ofSessions: number | null;
  ofStepBefore: number | null;
  /** Sessions that did not get from the step before to this one. */
  lost: number;
}

export function funnelSteps({ steps }: Pick<FunnelAnswer, "steps">): FunnelStep[] {
  return steps.map((step, i) => ({
    step: step.step,
    label: LABELS[step.step],
    sessions: step.sessions,
    ofSessions: step.of_sessions,
    // The first step has none before it.
    ofStepBefore: i === 0 ? null : step.of_step_before,
    lost: i === 0 ? 0 : (steps[i - 1]?.sessions ?? 0) - step.sessions,
  }));
}
