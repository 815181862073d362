// A printer leaves out the background: what is dark on the screen would be pale on white, so it prints as light.
// And on paper no one can unfold what is folded, so it prints unfolded.
{
  const root = document.documentElement;
  let onScreen;
  let folded = [];
  window.addEventListener("beforeprint", () => {
    onScreen = root.dataset.theme;
    root.dataset.theme = "light";
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((each) => (each.open = true));
  });
  window.addEventListener("afterprint", () => {
    root.dataset.theme = onScreen;
    folded.forEach((each) => (each.open = false));
  });
}
// The theme gives what unfolds a hidden title of its own, which hides the words that stand there from screen readers.
document.addEventListener("DOMContentLoaded", () =>
  document.querySelectorAll("summary[aria-label]").forEach((each) => each.removeAttribute("aria-label")),
);
