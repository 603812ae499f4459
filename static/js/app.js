// What htmx and plain HTML cannot do: theme, menus that close, times in the reader's zone, trouble told.
(() => {
  const root = document.documentElement;
  const find = (selector, within = document) => [...within.querySelectorAll(selector)];

  function nameTheme() {
    const dark = root.dataset.bsTheme === "dark";
    find("[data-theme-word]").forEach((word) => { word.textContent = dark ? "Light theme" : "Dark theme"; });
  }

  function toggleTheme() {
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.bsTheme); } catch { /* then for this page only */ }
    document.dispatchEvent(new Event("themechange"));
  }

  const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });
  function localTimes(within) {
    find("time[datetime*=T]", within).forEach((time) => {
      const moment = new Date(time.dateTime);
      if (!Number.isNaN(moment.getTime())) time.title = exact.format(moment);
    });
  }

  // A region that scrolls sideways must be reachable by keyboard.
  function reachable(within) {
    find(".table-responsive:not([tabindex]), .card:has(> .table)", within).forEach((region) => {
      if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
    });
  }

  function dress(within) {
    localTimes(within);
    reachable(within);
  }

  function closeMenus(except) {
    find("details[data-menu][open]").forEach((menu) => { if (menu !== except) menu.open = false; });
  }

  function trouble(sentence) {
    const place = document.getElementById("trouble");
    place.textContent = sentence;
    place.hidden = false;
    setTimeout(() => { place.hidden = true; }, 8000);
  }

  document.addEventListener("DOMContentLoaded", () => {
    find("[data-theme-toggle]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", toggleTheme);
    });
    nameTheme();
    dress(document);
  });
  document.addEventListener("themechange", nameTheme);
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details[data-menu][open]");
    closeMenus();
    open?.querySelector("summary").focus();
  });
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !confirm(question)) event.preventDefault();
  }, true);
  document.addEventListener("htmx:load", (event) => dress(event.detail.elt));
  // A session that ended answers with the sign-in page: show it whole, not inside a fragment.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!new URL(event.detail.xhr.responseURL).pathname.startsWith("/account/login")) return;
    event.detail.shouldSwap = false;
    location.reload();
  });
  document.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    trouble(status === 403 || status === 409 ? "Not possible now. Reload the page to see why." : `The server answered ${status}. Reload the page to see what holds.`);
  });
  document.addEventListener("htmx:sendError", () => trouble("The server cannot be reached. What you see may be old."));
})();
