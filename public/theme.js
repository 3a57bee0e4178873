// Runs before the first paint, so that no page flashes in the other theme.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem("studio-theme");
  } catch (error) {
    console.warn("The theme's choice cannot be read", error);
  }
  const dark =
    choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
