/** Who asks what: chance picks the person, the range and the filters of a question, and every answer must be a 200. */
import { expect } from "vitest";
import type { Principal } from "../../../schema/access.ts";
import { FILTER_NAMES, type Filters } from "../../../schema/api/filters.ts";
import { PLACES } from "./events.ts";
import type { Asked } from "./second-opinion.ts";
import { DAY, type History, HOUR } from "./world.ts";

export const iso = (ms: number): string => new Date(ms).toISOString();
export const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"] as const;

export interface Asker {
  principal: Principal;
  asked: Pick<Asked, "orgId" | "regions" | "users">;
}

const VALUES_OF: Record<keyof Filters, readonly string[]> = {
  type: ["cost_incurred", "session_end", "error", "code_generated"],
  team: ["red", "blue"],
  agent: ["codex"],
  model: ["alpha", "beta"],
  repo: ["r1", "r2"],
  environment: ["staging"],
};

/** Query string of filters and the rest. */
export function queryOf(of: Filters, rest: Record<string, string | undefined>): string {
  const params = new URLSearchParams();
  for (const [name, values] of Object.entries(of)) for (const value of values ?? []) params.append(name, value);
  for (const [name, value] of Object.entries(rest)) if (value !== undefined) params.append(name, value);
  return params.toString();
}

/** One isolate and the chance that draws its questions. */
export class Asking {
  readonly world: History;
  readonly askers: readonly Asker[];
  readonly random: () => number;
  constructor(world: History, askers: readonly Asker[], random: () => number) {
    this.world = world;
    this.askers = askers;
    this.random = random;
  }

  oneOf<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)] as T;
  }

  asker(): Asker {
    return this.oneOf(this.askers);
  }

  /** A range near events: aligned to hours, days or nothing. */
  range(maxMs = 120 * DAY): { from: number; to: number } {
    const [start, length] = this.oneOf(PLACES);
    const align = this.oneOf([1, 60_000, HOUR, HOUR, DAY, DAY]);
    const snap = (ms: number): number => Math.floor(ms / align) * align;
    const from = snap(start + (this.random() - 0.3) * length);
    const span = this.oneOf([2 * HOUR, DAY, 3 * DAY, 9 * DAY, 120 * DAY].filter((ms) => ms <= maxMs));
    return { from, to: from + Math.max(align, snap(this.random() * span)) };
  }

  filters(but: readonly (keyof Filters)[] = []): Filters {
    if (this.random() < 0.5) return {};
    const name = this.oneOf(FILTER_NAMES.filter((one) => !but.includes(one)));
    return {
      [name]: [...new Set(VALUES_OF[name].filter(() => this.random() < 0.7).concat(VALUES_OF[name].slice(0, 1)))],
    };
  }

  async get(asker: Asker, path: string): Promise<unknown> {
    const response = await this.world.get(path, asker.principal);
    expect([path, response.status]).toEqual([path, 200]);
    return await response.json();
  }
}
