/**
 * Live frames for the fake: a small team at work over the last 15 minutes, the same for the same clock.
 * Used by tests of the page; nothing of it ships.
 */
import {
  LIVE_RANGE_MS,
  type MetricUpdateFrame,
  type SessionView,
  type SnapshotFrame,
  WINDOW_MS,
  type WindowView,
} from "../../schema/live.ts";

export const EPOCH = "00112233aabbccdd";
const stamp = (seq: number, at: number, epoch: string) => ({ v: 1 as const, epoch, seq, at });

export interface Scene {
  seq: number;
  at: number;
  epoch?: string;
  windows?: WindowView[];
  sessions?: SessionView[];
  notices?: SnapshotFrame["notices"];
  from?: number;
}

export function snapshotOf(scene: Scene): SnapshotFrame {
  const list = scene.sessions ?? [];
  return {
    ...stamp(scene.seq, scene.at, scene.epoch ?? EPOCH),
    kind: "SNAPSHOT",
    watermark: scene.at - 120_000,
    from: scene.from ?? windowStart(scene.at) - LIVE_RANGE_MS + WINDOW_MS,
    windows: scene.windows ?? [],
    sessions: { ...countsOf(list), list },
    notices: scene.notices ?? [],
    truncated: false,
  };
}

export function updateOf(scene: Scene): MetricUpdateFrame {
  const list = scene.sessions ?? [];
  return {
    ...stamp(scene.seq, scene.at, scene.epoch ?? EPOCH),
    kind: "METRIC_UPDATE",
    watermark: scene.at - 120_000,
    windows: scene.windows ?? [],
    sessions: { ...countsOf(list), list },
    truncated: false,
  };
}

function countsOf(list: readonly SessionView[]) {
  const count = (state: SessionView["state"]): number => list.filter((one) => one.state === state).length;
  return { running: count("running"), idle: count("idle"), ended: count("ended") };
}

export function windowStart(at: number): number {
  return Math.floor(at / WINDOW_MS) * WINDOW_MS;
}

/** A busy quarter of an hour with waves, a burst of errors and a silence. */
export function busyWindows(at: number): WindowView[] {
  const last = windowStart(at);
  const windows: WindowView[] = [];
  for (let i = 0; i < LIVE_RANGE_MS / WINDOW_MS; i++) {
    const start = last - i * WINDOW_MS;
    if (i > 52 && i < 56) continue;
    const wave = 1 + 0.5 * Math.sin(i / 7) + 0.25 * Math.sin(i / 2.3);
    const burst = i > 18 && i < 24 ? 14 : 1;
    const code = Math.round(46 * wave);
    const cost = Math.round(32 * wave);
    windows.push({
      start,
      by_type: {
        code_generated: [code, 0, 0, 0, 0, 0, code * 11, code * 3, Math.round(code * 0.8)],
        cost_incurred: [cost, cost * 8_700_000, cost * 1_900, cost * 420, cost * 12_000, cost * 800],
        session_start: [Math.round(5 * wave)],
        session_end: [Math.round(4 * wave)],
        ...(i % 6 === 0 ? { pr_created: [2] } : {}),
        ...(i % 3 === 0 ? { "custom.deploy": [4] } : {}),
        ...(i % 4 === 0 || burst > 1 ? { error: [burst] } : {}),
        ...(i === 20 ? { security_alert: [3] } : {}),
      },
    });
  }
  return windows;
}

const LONG_REPO = `acme/${"a-very-long-repository-name-".repeat(11)}`.slice(0, 300);

/** Names that break layouts: right to left, emoji, 300 characters, none. */
export function sessionsOf(at: number): SessionView[] {
  const rows: [user: string, agent: string, repo: string, branch: string, minutes: number][] = [
    ["ada.lovelace", "claude-code", "acme/web", "feature/checkout-v2", 3.2],
    ["grace.hopper", "codex", "acme/payments", "main", 12],
    ["مريم الفارسي", "gemini-cli", "acme/עברית-repo", "fix/rtl-names", 27],
    ["linus 🐧🚀", "claude-code", LONG_REPO, "renovate/all-minor-patch-updates-of-every-package-we-have", 48],
    ["", "copilot", "", "", 64],
    ["margaret.hamilton", "claude-code", "acme/guidance", "apollo/1202-alarm", 0.4],
    ["ken", "codex", "acme/kernel", "master", 190],
    ["barbara.liskov", "claude-code", "acme/types", "substitution", 8],
    ["edsger", "gemini-cli", "acme/graphs", "shortest-path", 16],
    ["radia.perlman", "claude-code", "acme/network", "spanning-tree", 35],
  ];
  return rows.map(([user, agent, repo, branch, minutes], i) => ({
    session: `session-${i}`,
    user,
    team: i % 2 === 0 ? "core" : "platform",
    agent,
    repo,
    branch,
    environment: i % 5 === 0 ? "staging" : "production",
    model: ["claude-opus-4-5-20251101", "gpt-5.1-codex-max", "", "gemini-3-pro"][i % 4] ?? "",
    state: i % 4 === 3 ? "idle" : "running",
    started_at: at - minutes * 60_000,
    last_at: at - (i % 4 === 3 ? 400_000 : 4_000),
    events: Math.round(minutes * 37),
    cost_nano_usd: Math.round(minutes * 41_000_000),
  }));
}

export function noticesOf(at: number): SnapshotFrame["notices"] {
  const rows: [type: string, title: string, severity: string, user: string, repo: string, seconds: number][] = [
    ["security_alert", "Secret in a commit: AWS access key", "critical", "ken", "acme/kernel", 4],
    ["error", "429 rate_limit_error from the model", "", "ada.lovelace", "acme/web", 21],
    ["error", "Tool Bash timed out after 120 s", "", "مريم الفارسي", "acme/עברית-repo", 63],
    ["security_alert", "Command outside of the sandbox was asked for", "medium", "linus 🐧🚀", LONG_REPO, 140],
    [
      "error",
      "ENOENT: no such file or directory, open '/srv/app/config/production/very/long/path.json'",
      "",
      "edsger",
      "acme/graphs",
      320,
    ],
    ["custom.deploy", "Deploy finished", "info", "grace.hopper", "acme/payments", 500],
  ];
  return rows.map(([event_type, title, severity, user_id, repo, seconds], i) => ({
    event_id: `event-${i}`,
    event_type,
    timestamp: at - seconds * 1_000,
    user_id,
    session_id: `session-${i}`,
    team_id: "core",
    agent: "claude-code",
    model: "claude-opus-4",
    repo,
    environment: "production",
    severity,
    title,
  }));
}
