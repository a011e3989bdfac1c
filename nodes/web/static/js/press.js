// Waiting until a pointer is let go. What appears while one is pressed moves what it is on, and the press is lost.

const LONGEST_MS = 1_000; // whoever scrolls or drags instead lets nothing go

/** Resolve once no pointer is pressed and what it was pressed on knows of it. */
export function released() {
  return new Promise((resolve) => {
    if (document.querySelector(":active") === null) setTimeout(resolve);
    else {
      addEventListener("mouseup", () => setTimeout(resolve), { once: true });
      setTimeout(resolve, LONGEST_MS);
    }
  });
}
