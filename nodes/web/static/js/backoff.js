// Waiting longer and longer between attempts, never in step with others.

/** Return `next()`, which gives the next pause in ms (full jitter over the upper half), and `reset()`. */
export function backoff(firstMs, mostMs) {
  let attempt = 0;
  return {
    next() {
      const most = Math.min(mostMs, firstMs * 2 ** attempt);
      attempt += 1;
      return most / 2 + (Math.random() * most) / 2;
    },
    reset() {
      attempt = 0;
    },
  };
}

/** Return a pause that can be ended early: `done` resolves after `ms`, or at `wake()`. */
export function pause(ms) {
  let wake;
  const done = new Promise((resolve) => {
    wake = resolve;
    setTimeout(resolve, ms);
  });
  return { done, wake };
}
