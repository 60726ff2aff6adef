import { useLayoutEffect, useState } from "preact/hooks";

/** A value that several components share. */
class Store<T extends object> {
  #value: T;
  readonly #listeners = new Set<(value: T) => void>();

  constructor(initial: T) {
    this.#value = initial;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T) {
    this.#value = value;
    for (const listener of this.#listeners) listener(value);
  }

  /** Adds a listener, and returns a function that removes it. */
  subscribe(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The store's value. The component renders again when it changes. */
const useStore = <T extends object>(store: Store<T>): T => {
  const [value, setValue] = useState(store.value);
  useLayoutEffect(() => {
    setValue(store.value);
    return store.subscribe(setValue);
  }, [store]);
  return value;
};

export { Store, useStore };
