/** What a new organisation still has to do before figures appear, and where. Used by onboarding.tsx; pure. */
import type { LinkProps } from "@tanstack/react-router";

export interface OnboardingStep {
  label: string;
  text: string;
  to: NonNullable<LinkProps["to"]>;
  /** Words of the link. */
  action: string;
  done: boolean;
}

export interface Progress {
  keys: readonly { status: string; last_used_at: string | null }[];
  /** Events of the last 30 days. */
  events: number;
  members: number;
}

/** In the order they are done. A key that was used is one that an agent was set up with. */
export function onboardingSteps({ keys, events, members }: Progress): OnboardingStep[] {
  return [
    {
      label: "Make an ingest key",
      text: "Agents send with it. It is shown once.",
      to: "/settings/keys",
      action: "Make a key",
      done: keys.some(({ status }) => status === "active"),
    },
    {
      label: "Set up an agent",
      text: "A few lines in its settings, ready to copy for each agent.",
      to: "/settings/integrations",
      action: "Choose an agent",
      done: events > 0 || keys.some(({ last_used_at }) => last_used_at !== null),
    },
    {
      label: "See the first event arrive",
      text: "Use the agent once: its events appear within seconds.",
      to: "/live",
      action: "Watch live",
      done: events > 0,
    },
    {
      label: "Invite a member",
      text: "Everyone sees their own work; managers see their team's.",
      to: "/settings/members",
      action: "Add a member",
      done: members > 1,
    },
  ];
}
