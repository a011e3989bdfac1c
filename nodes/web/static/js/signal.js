// Something that changes, and those who want to know.

/** Return a signal: `listen(fn)` gives a function that ends it; `tell(...)` calls all who listen. */
export function signal() {
  const listeners = new Set();
  return {
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell(...what) {
      for (const listener of [...listeners]) listener(...what);
    },
  };
}
