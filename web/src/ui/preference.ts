/**
 * A choice that one browser remembers: theme, time zone. Made once in main.tsx's preferences; works without storage.
 */
import { useSyncExternalStore } from "react";

/** The part of localStorage that is needed. */
export interface KeyValue {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export interface Preference<T extends string> {
  readonly values: readonly T[];
  get(): T;
  set(value: T): void;
  subscribe(listener: () => void): () => void;
}

/** `values[0]` is the default; a remembered value that is not in `values` is ignored. */
export function createPreference<const T extends string>(
  storage: KeyValue | null,
  key: string,
  values: readonly [T, ...T[]],
): Preference<T> {
  const listeners = new Set<() => void>();
  let current = read(storage, key, values);
  return {
    values,
    get: () => current,
    set: (value) => {
      current = value;
      try {
        storage?.setItem(key, value);
      } catch {
        // Storage may be full or blocked; the choice then lasts as long as the page.
      }
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function read<T extends string>(storage: KeyValue | null, key: string, values: readonly [T, ...T[]]): T {
  let stored: string | null = null;
  try {
    stored = storage?.getItem(key) ?? null;
  } catch {
    stored = null;
  }
  return values.find((value) => value === stored) ?? values[0];
}

/** The value, and a component that follows it. */
export function usePreference<T extends string>(preference: Preference<T>): T {
  return useSyncExternalStore(preference.subscribe, preference.get);
}
