// Runs before the first paint, so that no page flashes in the other theme; then follows the system and other tabs.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    let choice = null;
    try {
      choice = localStorage.getItem("studio-theme");
    } catch (error) {
      console.warn("The theme's choice cannot be read", error);
    }
    const dark = choice === "dark" || (choice !== "light" && system.matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  };
  show();
  system.addEventListener("change", show);
  addEventListener("storage", show);
})();
