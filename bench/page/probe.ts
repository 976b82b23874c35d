/**
 * What the page says about its own speed: first paint, the length of interactions, frames while a list is scrolled. Bundled by
 * bench/support/throttled-page.ts and put into every page it opens; bench/web.ts reads it through `tenfoldProbe`.
 */

/** The shortest that Event Timing reports; shorter interactions have no entry. */
const SHORTEST_MS = 16;
/** Frames before scrolling is measured. */
const WARM_UP_FRAMES = 10;

/** Longest duration of each interaction since the last reset, ms: what a person did until the next paint. */
const interactions = new Map<number, number>();
new PerformanceObserver((list) => {
  for (const entry of list.getEntries() as PerformanceEventTiming[]) {
    const id = entry.interactionId ?? 0;
    if (id > 0) interactions.set(id, Math.max(interactions.get(id) ?? 0, entry.duration));
  }
}).observe({ type: "event", buffered: true, durationThreshold: SHORTEST_MS } as PerformanceObserverInit);

/** The moved share of the screen of everything that jumped without being asked to. */
let shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
    if (!entry.hadRecentInput) shifted += entry.value;
  }
}).observe({ type: "layout-shift", buffered: true });

const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
/** After the style, layout and paint of the frame that is being made. */
function afterPaint(): Promise<number> {
  const channel = new MessageChannel();
  const done = new Promise<number>((resolve) => {
    channel.port1.onmessage = () => resolve(performance.now());
  });
  channel.port2.postMessage(null);
  return done;
}

const tenfoldProbe = {
  firstPaint: (): number => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1,
  shifted: (): number => shifted,

  /** The longest interaction since the last call, ms; 0: none was long enough to be reported. */
  async longest(): Promise<number> {
    await nextFrame();
    await afterPaint();
    await nextFrame();
    const longest = Math.max(0, ...interactions.values());
    interactions.clear();
    return longest;
  },

  /** Scrolls a part of the page by so many pixels a frame: the time between frames, and the main thread's work in each, ms. */
  async scroll(selector: string, pixels: number, frames: number): Promise<{ between: number[]; work: number[] }> {
    const part = document.querySelector(selector);
    if (part === null) throw new Error(`nothing matches ${selector}`);
    const between: number[] = [];
    const work: number[] = [];
    // Asked once: it would make the page work out its layout in each frame.
    const most = part.scrollHeight - part.clientHeight;
    let before = 0;
    for (let i = 0; i < frames + WARM_UP_FRAMES; i++) {
      const at = await nextFrame();
      const began = performance.now();
      // Back and forth where the list ends.
      const far = (i * pixels) % (2 * most);
      part.scrollTop = far <= most ? far : 2 * most - far;
      const ended = await afterPaint();
      if (i >= WARM_UP_FRAMES) {
        between.push(at - before);
        work.push(ended - began);
      }
      before = at;
    }
    return { between, work };
  },
};

Object.assign(globalThis, { tenfoldProbe });
