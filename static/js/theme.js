// Sets the theme before the first paint; app.js lets the reader change it.
(() => {
  const root = document.documentElement;
  const wish = matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => {
    try { return localStorage.getItem("theme"); } catch { return null; }
  };
  const apply = () => {
    root.dataset.bsTheme = remembered() || (wish.matches ? "dark" : "light");
    document.dispatchEvent(new Event("themechange"));
  };
  root.classList.add("scripted");
  apply();
  wish.addEventListener("change", apply);
})();
