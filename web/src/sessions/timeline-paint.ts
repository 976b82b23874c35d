/** Draws a timeline's lanes, bars and cost on a canvas. Called by timeline.tsx after every change of the layout or theme. */
import { layerOf } from "../chart/palette.ts";
import { factsOf, failed } from "./event-facts.ts";
import type { TimelineItem } from "./timeline-lanes.ts";
import { AXIS_HEIGHT, boxOf, COST_HEIGHT, GUTTER, type TimelineLayout, xOf } from "./timeline-layout.ts";

/** What is needed of a canvas, so that the drawing can be tried without one. */
export type Surface = Pick<
  CanvasRenderingContext2D,
  | "fillStyle"
  | "strokeStyle"
  | "globalAlpha"
  | "lineWidth"
  | "fillRect"
  | "clearRect"
  | "beginPath"
  | "moveTo"
  | "lineTo"
  | "stroke"
  | "fill"
  | "closePath"
>;

/** The colour token of an item: fixed per type, as in every chart; turns are the frame of the others. */
export function tokenOf({ lane, event }: Pick<TimelineItem, "lane" | "event">): string {
  if (lane === "turns") return "--series-1";
  if (lane === "tools" && failed(factsOf(event))) return "--type-error";
  return `--type-${layerOf(event.event_type).replaceAll("_", "-")}`;
}

/** Room above the cost's highest point, CSS pixels. */
const COST_AIR = 8;

export function paintTimeline(
  surface: Surface,
  layout: TimelineLayout,
  colorOf: (token: string) => string,
  ticks: readonly number[],
): void {
  const { width, height, lanes, timeline } = layout;
  surface.clearRect(0, 0, width, height);
  surface.fillStyle = colorOf("--chart-grid");
  for (const { top } of lanes) surface.fillRect(0, top, width, 1);
  surface.fillRect(0, layout.costTop, width, 1);
  for (const at of ticks) surface.fillRect(Math.round(xOf(layout, at)), AXIS_HEIGHT - 4, 1, height);
  paintCost(surface, layout, colorOf);
  timeline.items.forEach((item) => {
    const box = boxOf(layout, item);
    if (box === null) return;
    surface.globalAlpha = item.lane === "turns" ? 0.35 : 1;
    surface.fillStyle = colorOf(tokenOf(item));
    surface.fillRect(box.x, box.y, box.width, box.height);
    // Bars that follow each other closely stay apart.
    if (box.width > 6) {
      surface.globalAlpha = 1;
      surface.fillStyle = colorOf("--surface");
      surface.fillRect(box.x + box.width - 1, box.y, 1, box.height);
    }
  });
  surface.globalAlpha = 1;
}

/** The running sum of cost as steps, filled below. */
function paintCost(surface: Surface, layout: TimelineLayout, colorOf: (token: string) => string): void {
  const { timeline, view, width, costTop } = layout;
  const greatest = timeline.cost.at(-1)?.total ?? 0n;
  if (greatest <= 0n) return;
  const bottom = costTop + COST_HEIGHT - 1;
  const yOf = (total: bigint): number => bottom - (Number(total) / Number(greatest)) * (COST_HEIGHT - COST_AIR);
  const inSight = (at: number): number => Math.min(width, Math.max(GUTTER, xOf(layout, Math.min(at, view.to))));
  let y = bottom;
  surface.beginPath();
  surface.moveTo(GUTTER, bottom);
  for (const { at, total } of timeline.cost) {
    const x = inSight(at);
    surface.lineTo(x, y);
    if (at <= view.to) y = yOf(total);
    surface.lineTo(x, y);
  }
  surface.lineTo(inSight(timeline.to), y);
  surface.strokeStyle = colorOf("--type-cost-incurred");
  surface.lineWidth = 1.5;
  surface.stroke();
  surface.lineTo(inSight(timeline.to), bottom);
  surface.closePath();
  surface.globalAlpha = 0.18;
  surface.fillStyle = colorOf("--type-cost-incurred");
  surface.fill();
  surface.globalAlpha = 1;
}
