// The editor of a matrix: a grid moved through and filled by keyboard. Each cell's select stays what is sent.
(() => {
  const table = document.querySelector("[data-raci-editor]");
  if (!table) return;
  const find = (selector) => document.querySelector(selector);
  const form = document.getElementById("raci-form");
  const rows = [...table.querySelectorAll("tr[data-activity]")].map((row) => [...row.querySelectorAll("td")]);
  const select = (cell) => cell.querySelector("select");
  const offered = [...select(rows[0][0]).options].map((option) => [option.value, option.text]);
  const words = new Map(offered);
  const BOTH = "A/R";
  const PAGE_ROWS = 5;
  const COMBINE_MS = 1500;
  let at = { row: 0, column: 0 };
  let entered = "";
  let last = { cell: null, key: "", when: 0 };
  let leaving = false;
  const done = [];
  const undone = [];

  const current = () => rows[at.row][at.column];
  const unsaved = () => rows.flat().filter((cell) => select(cell).value !== cell.dataset.saved);

  function draw(cell) {
    const letters = select(cell).value;
    const chip = cell.querySelector(".raci") ?? cell.appendChild(document.createElement("span"));
    chip.className = `raci raci-${letters.slice(0, 1)}`;
    chip.textContent = letters;
    chip.hidden = !letters;
    const changed = letters !== cell.dataset.saved;
    cell.classList.toggle("raci-changed", changed);
    const was = changed ? `, not saved, was ${words.get(cell.dataset.saved)}` : "";
    const theirs = "theirs" in cell.dataset ? `, changed by another person to ${cell.dataset.theirs}` : "";
    cell.setAttribute("aria-label", `${cell.dataset.label}: ${words.get(letters)}${was}${theirs}`);
  }

  function tell() {
    const count = unsaved().length;
    find("[data-unsaved]").textContent = count ? `${count} unsaved` : "Nothing unsaved";
    find("[data-undo]").disabled = !done.length;
    find("[data-redo]").disabled = !undone.length;
    find("[data-save]").textContent = count ? `Save ${count} change${count === 1 ? "" : "s"}` : "Save";
  }

  function write(cell, letters) {
    select(cell).value = letters;
    draw(cell);
    tell();
    select(cell).dispatchEvent(new Event("change", { bubbles: true }));
  }

  function set(cell, letters) {
    const before = select(cell).value;
    if (before === letters || !words.has(letters)) return;
    done.push({ cell, before, after: letters });
    undone.length = 0;
    write(cell, letters);
  }

  function step(from, to, key) {
    const act = from.pop();
    if (!act) return;
    to.push(act);
    go(placeOf(act.cell));
    write(act.cell, act[key]);
  }
  const undo = () => step(done, undone, "before");
  const redo = () => step(undone, done, "after");

  const placeOf = (cell) => {
    const row = rows.findIndex((cells) => cells.includes(cell));
    return { row, column: rows[row].indexOf(cell) };
  };

  function go({ row, column }) {
    const place = {
      row: Math.min(Math.max(row, 0), rows.length - 1),
      column: Math.min(Math.max(column, 0), rows[0].length - 1),
    };
    current().tabIndex = -1;
    at = place;
    current().tabIndex = 0;
    current().focus();
  }

  // The cell after this one as one reads; nothing at either end, where Tab leaves the grid.
  function beside(by) {
    const place = at.row * rows[0].length + at.column + by;
    if (place < 0 || place >= rows.length * rows[0].length) return null;
    return { row: Math.floor(place / rows[0].length), column: place % rows[0].length };
  }

  function type(key) {
    const cell = current();
    const pair = [last.key, key].sort().join("");
    const soon = last.cell === cell && Date.now() - last.when < COMBINE_MS;
    last = { cell, key, when: Date.now() };
    if (key === "B" || (soon && pair === "AR")) set(cell, BOTH);
    else set(cell, key);
  }

  function next(cell) {
    const values = offered.map(([value]) => value);
    set(cell, values[(values.indexOf(select(cell).value) + 1) % values.length]);
  }

  function leave() {
    if (select(current()).value !== entered) set(current(), entered);
    else find("[data-save]").focus();
  }

  const MOVES = {
    ArrowUp: () => ({ ...at, row: at.row - 1 }),
    ArrowDown: () => ({ ...at, row: at.row + 1 }),
    ArrowLeft: () => ({ ...at, column: at.column - 1 }),
    ArrowRight: () => ({ ...at, column: at.column + 1 }),
    PageUp: () => ({ ...at, row: at.row - PAGE_ROWS }),
    PageDown: () => ({ ...at, row: at.row + PAGE_ROWS }),
    Home: (event) => ({ row: event.ctrlKey ? 0 : at.row, column: 0 }),
    End: (event) => ({ row: event.ctrlKey ? rows.length : at.row, column: rows[0].length }),
    Enter: (event) => ({ ...at, row: at.row + (event.shiftKey ? -1 : 1) }),
  };
  const ACTS = { Delete: () => set(current(), ""), Backspace: () => set(current(), ""), Escape: leave, " ": () => next(current()) };

  function onCellKey(event) {
    if (!event.target.closest("td[role=gridcell]")) return;
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    if (key === "Tab") {
      const place = beside(event.shiftKey ? -1 : 1);
      if (!place) return;
      go(place);
    } else if (key in MOVES && (!command || key === "Home" || key === "End")) go(MOVES[key](event));
    else if (command || event.altKey) return;
    else if (key in ACTS) ACTS[key]();
    else if (key === "B" || (key.length === 1 && words.has(key))) type(key);
    else return;
    event.preventDefault();
  }

  function onPageKey(event) {
    const writing = event.target.matches("input, textarea");
    const key = event.key.toLowerCase();
    if (key === "?" && !writing) {
      const keys = find("[data-raci-keys]");
      keys.open = !keys.open;
    } else if (!(event.ctrlKey || event.metaKey)) return;
    else if (key === "s") form.requestSubmit(find("[data-save]"));
    else if (writing) return;
    else if (key === "y" || (key === "z" && event.shiftKey)) redo();
    else if (key === "z") undo();
    else return;
    event.preventDefault();
  }

  function onClick(event) {
    const cell = event.target.closest("td[role=gridcell]");
    if (!cell) return;
    if (cell === current() && cell.dataset.ready) next(cell);
    else go(placeOf(cell));
    rows.flat().forEach((one) => delete one.dataset.ready);
    cell.dataset.ready = "yes";
  }

  function begin() {
    table.setAttribute("role", "grid");
    table.classList.add("raci-scripted");
    for (const cell of rows.flat()) {
      cell.setAttribute("role", "gridcell");
      cell.tabIndex = -1;
      draw(cell);
    }
    current().tabIndex = 0;
    table.closest(".raci-scroll").removeAttribute("tabindex");
    find("[data-raci-bar]").hidden = false;
    find("[data-check]").hidden = true;
    table.addEventListener("focusin", (event) => {
      const cell = event.target.closest("td[role=gridcell]");
      if (!cell) return;
      at = placeOf(cell);
      entered = select(cell).value;
    });
    table.addEventListener("keydown", onCellKey);
    table.addEventListener("click", onClick);
    document.addEventListener("keydown", onPageKey);
    find("[data-raci-bar]").addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if ("undo" in button.dataset) undo();
      else if ("redo" in button.dataset) redo();
      else {
        set(current(), button.dataset.letters);
        current().focus();
      }
    });
    form.addEventListener("submit", () => { leaving = true; });
    addEventListener("beforeunload", (event) => {
      if (!leaving && unsaved().length) event.preventDefault();
    });
    tell();
  }

  begin();
})();
