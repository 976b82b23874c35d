/**
 * How long a chart takes to draw new data, in the page itself: the options, colours and stacking of the product, fed as its charts feed
 * uPlot. Bundled by bench/support/throttled-page.ts; bench/web.ts calls `tenfoldRedraw`.
 */
import uPlot from "uplot";
import { MEASURES, type Measure } from "../../schema/frame.ts";
import { windowChartOptions } from "../../web/src/chart/options.ts";
import { LAYERS } from "../../web/src/chart/palette.ts";
import { chartData, stack, WINDOWS_IN_SPAN } from "../../web/src/chart/series.ts";
import { plotData, seriesToken, type TimeData } from "../../web/src/chart/time-data.ts";
import { timeChartOptions } from "../../web/src/chart/time-options.ts";
import type { WindowSums } from "../../web/src/live/model.ts";

const WINDOW_MS = 10_000;
/** CSS pixels, as on a screen of 1280. */
const SIZE = { width: 1_000, height: 240 };
const WARM_UP_ROUNDS = 5;

function host(): { element: HTMLElement; color(token: string): string; font(): string } {
  const element = document.createElement("div");
  element.style.cssText = `position:fixed;inset:0 auto auto 0;width:${SIZE.width}px;height:${SIZE.height}px`;
  document.body.append(element);
  const style = getComputedStyle(document.documentElement);
  const colors = new Map<string, string>();
  const color = (token: string): string => {
    const known = colors.get(token) ?? style.getPropertyValue(token).trim();
    colors.set(token, known);
    return known;
  };
  return { element, color, font: () => `11px ${style.fontFamily}` };
}

/** Waves that move on with each round. */
const waveOf = (series: number, at: number): number => Math.round(60 * (1.3 + Math.sin(at / 9 + series)));

function rangeData(points: number, types: number, round: number): TimeData {
  const first = Math.floor(Date.now() / WINDOW_MS) * WINDOW_MS - (points - round) * WINDOW_MS;
  return {
    starts: Array.from({ length: points }, (_, i) => first + i * WINDOW_MS),
    end: first + points * WINDOW_MS,
    series: Array.from({ length: types }, (_, s) => ({
      key: `type ${s}`,
      label: `type ${s}`,
      token: seriesToken(s),
      values: Array.from({ length: points }, (_, i) => waveOf(s, i + round)),
    })),
  };
}

/** ms of each round: `script` until uPlot is done, `drawn` until the pixels are there. */
interface Rounds {
  script: number[];
  drawn: number[];
}

async function time(plot: uPlot, rounds: number, draw: (round: number) => () => void): Promise<Rounds> {
  const result: Rounds = { script: [], drawn: [] };
  for (let round = 0; round < rounds + WARM_UP_ROUNDS; round++) {
    const once = draw(round);
    await new Promise(requestAnimationFrame);
    const began = performance.now();
    once();
    const scripted = performance.now();
    // A canvas draws when it is looked at.
    plot.ctx.getImageData(0, 0, 1, 1);
    const drawn = performance.now();
    if (round < WARM_UP_ROUNDS) continue;
    result.script.push(scripted - began);
    result.drawn.push(drawn - began);
  }
  return result;
}

function windowAt(now: number, i: number, round: number): WindowSums {
  return {
    start: Math.floor(now / WINDOW_MS) * WINDOW_MS - i * WINDOW_MS,
    types: Object.fromEntries(LAYERS.map(({ key }, s) => [key, waveOf(s, i + round)])),
    measures: NO_MEASURES,
  };
}

/** The chart shows none. */
const NO_MEASURES = Object.fromEntries(MEASURES.map((name) => [name, 0])) as Record<Measure, number>;

const tenfoldRedraw = {
  /** Stacked bars over a range, as Overview draws them. */
  async range(points: number, types: number, rounds: number): Promise<Rounds> {
    const { element, color, font } = host();
    let data = rangeData(points, types, 0);
    const painter = {
      ...{ color, font, zone: () => "utc" as const, data: () => data, format: String },
      ...{ onHover: () => undefined, onZoom: () => undefined },
    };
    const chart = { kind: "bars" as const, shown: data.series, ...SIZE, sync: undefined, least: 5, whole: true };
    const plot = new uPlot(timeChartOptions(painter, chart), plotData(data, data.series, "bars"), element);
    const result = await time(plot, rounds, (round) => {
      const next = rangeData(points, types, round);
      return () => {
        data = next;
        plot.batch(() => plot.setData(plotData(next, next.series, "bars")));
      };
    });
    plot.destroy();
    element.remove();
    return result;
  },

  /** The chart of the Live view: 15 minutes in its eight layers. */
  async live(rounds: number): Promise<Rounds> {
    const { element, color, font } = host();
    const now = Date.now();
    const dataAt = (round: number) =>
      chartData(
        Array.from({ length: WINDOWS_IN_SPAN }, (_, i) => windowAt(now, i, round)),
        now,
        { from: 0, until: now },
      );
    let data = dataAt(0);
    const painter = { color, font, zone: () => "utc" as const, data: () => data, onHover: () => undefined };
    const plot = new uPlot(windowChartOptions(painter, SIZE.width, SIZE.height), stack(data), element);
    const result = await time(plot, rounds, (round) => {
      const next = dataAt(round);
      return () => {
        data = next;
        plot.batch(() => plot.setData(stack(next)));
      };
    });
    plot.destroy();
    element.remove();
    return result;
  },
};

Object.assign(globalThis, { tenfoldRedraw });
