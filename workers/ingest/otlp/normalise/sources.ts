/**
 * Which attribute stands where in an event, as one shared object for all events with the same attributes in the same order: an
 * agent sends a few shapes again and again, and redaction works its policy out once for each such object. Used by table.ts.
 * Pure but for what it remembers. Holds names and paths only, no values.
 */
type Sources = Readonly<Record<string, string>>;

/**
 * Steps, and entries of the objects made of them, that are remembered: names come from clients. Real agents need some hundreds; with the
 * policies worked out for them about 3 MB.
 */
const MAX_REMEMBERED = 20_000;
/** Longer names are not remembered. */
const MAX_NAME = 128;

let remembered = 0;
let first: SourceStep | undefined;

/** Where every walk begins; a new beginning once too much is remembered. */
export function noSources(): SourceStep {
  if (first === undefined || remembered >= MAX_REMEMBERED) {
    first = new SourceStep(undefined, "", "");
    remembered = 0;
  }
  return first;
}

/** An attribute and those before it. */
export class SourceStep {
  readonly #before: SourceStep | undefined;
  readonly #name: string;
  readonly #path: string;
  #next: Map<string, SourceStep> | undefined;
  /** The same attribute at another path. */
  #other: SourceStep | undefined;
  #sources: Sources | undefined;

  constructor(before: SourceStep | undefined, name: string, path: string) {
    this.#before = before;
    this.#name = name;
    this.#path = path;
  }

  /** The step after this one for an attribute whose value stands at `path`. */
  and(name: string, path: string): SourceStep {
    const known = this.#next?.get(name);
    for (let step = known; step !== undefined; step = step.#other) if (step.#path === path) return step;
    const made = new SourceStep(this, name, path);
    if (remembered >= MAX_REMEMBERED || name.length > MAX_NAME) return made;
    remembered++;
    made.#other = known;
    this.#next ??= new Map();
    this.#next.set(name, made);
    return made;
  }

  /** Attribute -> path; always the same object. */
  get sources(): Sources {
    if (this.#sources !== undefined) return this.#sources;
    const steps: SourceStep[] = [];
    for (let step: SourceStep = this; step.#before !== undefined; step = step.#before) steps.push(step);
    const sources: Record<string, string> = Object.create(null);
    for (const step of steps.reverse()) sources[step.#name] = step.#path;
    remembered += steps.length;
    this.#sources = Object.freeze(sources);
    return this.#sources;
  }
}
