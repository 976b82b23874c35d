/**
 * Bindings that count their calls and fail on purpose. Used by worker.ts, for requests, queues, cron and objects alike.
 * Wraps whatever is bound, by its shape, so that a new binding is counted without being named here.
 */
import type { Env } from "../../workers/shared/env.ts";
import { type Calls, NO_FAULTS, type WorkerFaults } from "./control.ts";
import { OwedPacks } from "./owed-packs.ts";

/** What one Worker process was told and has counted. */
export interface Harness {
  faults: WorkerFaults;
  calls: Calls;
  owed: OwedPacks;
  /** Binding and name -> a fresh stub of an object that was called. */
  objects: Map<string, () => unknown>;
}

export const createHarness = (): Harness => ({
  faults: NO_FAULTS,
  calls: {},
  owed: new OwedPacks(),
  objects: new Map(),
});

export function count(harness: Harness, name: string): void {
  harness.calls[name] = (harness.calls[name] ?? 0) + 1;
}

type Method = (...args: unknown[]) => unknown;

/** Part of what is counted besides the method: the object's name, the kind of SQL statement. */
function detailOf(method: string, [first]: unknown[]): string {
  if (method === "getByName") return ` ${String(first)}`;
  return method === "prepare" ? ` ${/^\s*(\w+)/.exec(String(first))?.[1]?.toLowerCase() ?? ""}` : "";
}

/** The kind of a binding, by the methods it has. */
function kindOf(binding: object): "d1" | "queue" | "r2" | "other" {
  if ("prepare" in binding && "batch" in binding) return "d1";
  if ("sendBatch" in binding) return "queue";
  return "createMultipartUpload" in binding ? "r2" : "other";
}

function wrapBinding(harness: Harness, name: string, binding: object): object {
  const kind = kindOf(binding);
  const call = (key: string, method: Method, args: unknown[]): unknown => {
    count(harness, `${name}.${key}${detailOf(key, args)}`);
    if (key === "getByName") {
      harness.objects.set(`${name} ${String(args[0])}`, () => Reflect.apply(method, binding, args));
    }
    const { d1, r2, queues } = harness.faults;
    if (kind === "d1" && d1 === "down") throw new Error("D1_ERROR: down on purpose");
    if (kind === "r2" && r2 === "down") return Promise.reject(new Error("R2 is down on purpose"));
    if (kind !== "queue" || key !== "send") return Reflect.apply(method, binding, args);
    if (queues === "full") return Promise.reject(new Error("Storage Limit Exceeded, on purpose"));
    const [bytes] = args;
    // A copy: `send` detaches the buffer it is given.
    const pack = bytes instanceof Uint8Array ? bytes.slice() : new Uint8Array(0);
    return Promise.resolve(Reflect.apply(method, binding, args)).then((answer) => {
      harness.owed.taken(pack);
      if (queues === "lost") throw new Error("sent, and the answer lost on purpose");
      return answer;
    });
  };
  return new Proxy(binding, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function" || typeof key !== "string") return value;
      return (...args: unknown[]) => call(key, value as Method, args);
    },
  });
}

const wrapped = new WeakMap<object, Env>();

/** The same bindings, wrapped; one wrapped env per env, as the Worker keeps what it knows by env. */
export function wrapEnv(harness: Harness, env: Env): Env {
  const known = wrapped.get(env);
  if (known !== undefined) return known;
  const bindings = Object.entries(env).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === "object" && value !== null ? wrapBinding(harness, name, value) : value,
  ]);
  const copy = Object.fromEntries(bindings) as Env;
  wrapped.set(env, copy);
  return copy;
}
