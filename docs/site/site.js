// A printer leaves out the background: what is dark on the screen would be pale on white, so it prints as light.
{
  const root = document.documentElement;
  let onScreen;
  window.addEventListener("beforeprint", () => {
    onScreen = root.dataset.theme;
    root.dataset.theme = "light";
  });
  window.addEventListener("afterprint", () => {
    root.dataset.theme = onScreen;
  });
}
