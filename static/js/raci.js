// The editor of a matrix: a grid moved through and filled by keyboard. Each cell's select stays what is sent.
(() => {
  const PAGE_ROWS = 5;
  const COMBINE_MS = 1500;
  const BOTH = "A/R";
  const NOTHING = ["", "-", "–", "—", ".", "·"];
  const find = (selector) => document.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const select = (cell) => cell.querySelector("select");
  const count = (number, thing) => `${number} ${thing}${number === 1 ? "" : "s"}`;

  // The page may be drawn again while one works (a row is added): what was done is kept by the names of cells.
  const done = [];
  const undone = [];
  let leaving = false;
  let table, form, rows, words, letterOf, shownOf;
  let at, anchor, entered, last, legend;

  const current = () => rows[at.row][at.column];
  const cells = () => rows.flat();
  const unsaved = () => cells().filter((cell) => select(cell).value !== cell.dataset.saved);
  const named = (name) => cells().find((cell) => select(cell).name === name);
  const rewritten = () => all("[data-shape] input[name*=':']").filter((one) => one.value !== one.defaultValue || one.checked !== one.defaultChecked);
  const unsavedCount = () => unsaved().length + Number(table.dataset.shapeChanges) + rewritten().length;
  const why = (cell) => cell.parentElement.querySelector(".raci-why");

  function range() {
    const [top, bottom] = [at.row, anchor.row].sort((one, other) => one - other);
    const [start, end] = [at.column, anchor.column].sort((one, other) => one - other);
    return rows.slice(top, bottom + 1).map((row) => row.slice(start, end + 1));
  }
  const chosen = () => range().flat();

  function draw(cell) {
    const letters = select(cell).value;
    const chip = cell.querySelector(".raci") ?? cell.appendChild(document.createElement("span"));
    chip.className = `raci raci-${letters.slice(0, 1)}`;
    chip.textContent = shownOf.get(letters) ?? letters;
    chip.hidden = !letters;
    const changed = letters !== cell.dataset.saved;
    cell.classList.toggle("raci-changed", changed);
    const was = changed ? `, not saved, was ${words.get(cell.dataset.saved) ?? cell.dataset.saved}` : "";
    const theirs = "theirs" in cell.dataset ? `, changed by another person to ${cell.dataset.theirs}` : "";
    cell.setAttribute("aria-label", `${cell.dataset.label}: ${words.get(letters) ?? letters}${was}${theirs}`);
  }

  // Which cells break a rule; the server says so beside each row.
  function mark() {
    if (!table?.isConnected) return;
    for (const row of rows) {
      const codes = why(row[0]).dataset.wrong.split(" ");
      for (const cell of row) {
        const wrong = codes.includes(select(cell).name.split(":")[2]);
        cell.classList.toggle("raci-wrong", wrong);
        cell.setAttribute("aria-invalid", wrong);
      }
    }
    here();
  }

  // Where one is and what is wrong there; the meaning of the letters while one is not in the grid.
  function here() {
    const place = find("[data-here]");
    if (!table.contains(document.activeElement)) {
      place.replaceChildren(...legend.map((node) => node.cloneNode(true)));
      return;
    }
    const sentences = all("p", why(current())).map((one) => one.textContent);
    const number = chosen().length;
    const more = number > 1 ? ` (${number} cells are chosen)` : "";
    const words = document.createElement("strong");
    words.textContent = `${current().getAttribute("aria-label")}${more}. `;
    const problem = document.createElement("span");
    problem.className = "text-danger";
    problem.textContent = sentences.join(" ");
    place.replaceChildren(words, problem);
  }

  function tell(sentence = "") {
    const number = unsavedCount();
    find("[data-unsaved]").textContent = sentence || (number ? `${number} unsaved` : "Nothing unsaved");
    find("[data-undo]").disabled = !done.length;
    find("[data-redo]").disabled = !undone.length;
    find("[data-save]").textContent = number ? `Save ${count(number, "change")}` : "Save";
  }

  function choose() {
    const inside = new Set(chosen());
    for (const cell of cells()) {
      cell.classList.toggle("raci-chosen", inside.size > 1 && inside.has(cell));
      cell.setAttribute("aria-selected", inside.has(cell));
    }
  }

  function write(changes, key) {
    const touched = changes.map((one) => [named(one.name), one[key]]).filter(([cell]) => cell);
    for (const [cell, letters] of touched) {
      select(cell).value = letters;
      draw(cell);
    }
    tell();
    here();
    if (touched.length) select(touched[0][0]).dispatchEvent(new Event("change", { bubbles: true }));
    return touched.length;
  }

  // All at once, and taken back at once.
  function set(wanted) {
    const changes = wanted
      .map(([cell, after]) => ({ name: select(cell).name, before: select(cell).value, after }))
      .filter(({ before, after }) => before !== after && words.has(after));
    if (!changes.length) return;
    done.push(changes);
    undone.length = 0;
    write(changes, "after");
  }
  const fill = (letters) => set(chosen().map((cell) => [cell, letters]));

  function step(from, to, key) {
    const act = from.pop();
    if (!act) return;
    to.push(act);
    const first = named(act[0].name);
    if (first) go(placeOf(first));
    write(act, key);
  }
  const undo = () => step(done, undone, "before");
  const redo = () => step(undone, done, "after");

  const placeOf = (cell) => {
    const row = rows.findIndex((one) => one.includes(cell));
    return { row, column: rows[row].indexOf(cell) };
  };

  function go({ row, column }, extend = false) {
    const place = {
      row: Math.min(Math.max(row, 0), rows.length - 1),
      column: Math.min(Math.max(column, 0), rows[0].length - 1),
    };
    current().tabIndex = -1;
    at = place;
    if (!extend) anchor = place;
    current().tabIndex = 0;
    current().focus();
    choose();
    here();
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
    const both = shownOf.get(BOTH).split("/").sort().join("");
    const soon = last.cell === cell && Date.now() - last.when < COMBINE_MS;
    last = { cell, key, when: Date.now() };
    fill(key === "B" || (soon && pair === both) ? BOTH : letterOf.get(key));
  }

  function next(cell) {
    const values = [...words.keys()];
    set([[cell, values[(values.indexOf(select(cell).value) + 1) % values.length]]]);
  }

  function leave() {
    if (select(current()).value !== entered) set([[current(), entered]]);
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
  const ACTS = { Delete: () => fill(""), Backspace: () => fill(""), Escape: leave, " ": () => next(current()) };

  function chooseAll() {
    go({ row: rows.length, column: rows[0].length });
    anchor = { row: 0, column: 0 };
    choose();
    here();
  }

  function onCellKey(event) {
    if (!event.target.closest("td[role=gridcell]")) return;
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    if (key === "Tab") {
      const place = beside(event.shiftKey ? -1 : 1);
      if (!place) return;
      go(place);
    } else if (key in MOVES && (!command || key === "Home" || key === "End")) go(MOVES[key](event), event.shiftKey && key !== "Enter");
    else if (command && key === "A") chooseAll();
    else if (command || event.altKey) return;
    else if (key in ACTS) ACTS[key]();
    else if (key === "B" || (key.length === 1 && letterOf.has(key))) type(key);
    else return;
    event.preventDefault();
  }

  function onPageKey(event) {
    const writing = event.target.matches("input, textarea");
    const key = event.key.toLowerCase();
    if (key === "enter" && event.target.matches("[data-shape] input")) (event.target.closest("li").querySelector("[value^=add-]") ?? find("#draw")).click();
    else if (key === "?" && !writing) {
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

  // Letters as a spreadsheet has them: a tab between columns, a line a row.
  function onCopy(event) {
    if (!table.contains(document.activeElement)) return;
    const text = range().map((row) => row.map((cell) => shownOf.get(select(cell).value) ?? "").join("\t")).join("\n");
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
    if (event.type === "cut") fill("");
    else tell(`${count(chosen().length, "cell")} copied`);
  }

  function kept(text) {
    const plain = text.trim().replace(/^"(.*)"$/, "$1").toUpperCase();
    if (NOTHING.includes(plain)) return "";
    const both = shownOf.get(BOTH).split("/").sort().join("");
    return plain.length > 1 && plain.replace("/", "").split("").sort().join("") === both ? BOTH : letterOf.get(plain);
  }

  // All of it or, where one cell is no letter or lies outside, nothing.
  function onPaste(event) {
    if (!table.contains(document.activeElement)) return;
    event.preventDefault();
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    const lines = text.split("\n").map((line) => line.split("\t"));
    const single = lines.length === 1 && lines[0].length === 1;
    const area = range();
    const [top, start] = [placeOf(area[0][0]).row, placeOf(area[0][0]).column];
    const wide = Math.max(...lines.map((line) => line.length));
    if (top + lines.length > rows.length || start + wide > rows[0].length) {
      tell(`Nothing was pasted: ${count(lines.length, "row")} and ${count(wide, "column")} reach beyond the grid from here. Names of rows and columns are read by “Import a table”.`);
      return;
    }
    const wanted = single
      ? area.flat().map((cell) => [cell, lines[0][0]])
      : lines.flatMap((line, row) => line.map((letters, column) => [rows[top + row][start + column], letters]));
    const wrong = wanted.find(([, letters]) => kept(letters) === undefined);
    if (wrong) {
      go(placeOf(wrong[0]));
      tell(`Nothing was pasted: “${wrong[1].trim().slice(0, 20)}” for ${wrong[0].dataset.label} is no letter here; use ${[...letterOf.keys()].join(", ")}.`);
      return;
    }
    const from = wanted[0][0];
    const to = wanted.at(-1)[0];
    go(placeOf(from));
    set(wanted.map(([cell, letters]) => [cell, kept(letters)]));
    go(placeOf(to), true);
    tell();
  }

  function onClick(event) {
    const cell = event.target.closest("td[role=gridcell]");
    if (!cell) return;
    const again = cell === current() && cell.dataset.ready && !event.shiftKey;
    go(placeOf(cell), event.shiftKey);
    if (again) next(cell);
    cells().forEach((one) => delete one.dataset.ready);
    cell.dataset.ready = "yes";
  }

  function onBar(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if ("undo" in button.dataset) undo();
    else if ("redo" in button.dataset) redo();
    else {
      fill(button.dataset.letters);
      current().focus();
    }
  }

  function begin() {
    const drawn = find("[data-raci-editor]");
    if (!drawn || drawn === table) return;
    table = drawn;
    form = document.getElementById("raci-form");
    rows = all("tr[data-activity]", table).map((row) => all("td", row)).filter((row) => row.length);
    form.addEventListener("submit", () => { leaving = true; });
    if (!rows.length) return;
    const offered = [...select(rows[0][0]).options].filter((one) => one.value in { "": 1 } || find(`[data-letters="${one.value}"]`));
    words = new Map(offered.map((one) => [one.value, one.text]));
    shownOf = new Map(offered.map((one) => [one.value, one.value && one.label]));
    letterOf = new Map(offered.filter((one) => one.value).map((one) => [one.label, one.value]));
    legend = [...find("[data-here]").childNodes];
    at = anchor = { row: 0, column: 0 };
    entered = "";
    last = { cell: null, key: "", when: 0 };
    table.setAttribute("role", "grid");
    table.setAttribute("aria-multiselectable", "true");
    table.classList.add("raci-scripted");
    for (const cell of cells()) {
      cell.setAttribute("role", "gridcell");
      cell.setAttribute("aria-describedby", select(cell).getAttribute("aria-describedby"));
      cell.tabIndex = -1;
      draw(cell);
    }
    current().tabIndex = 0;
    table.closest(".raci-scroll").removeAttribute("tabindex");
    all("[data-raci-bar]").forEach((one) => { one.hidden = false; });
    find("[data-check]").hidden = true;
    find("#draw").hidden = true;
    table.addEventListener("focusin", (event) => {
      const cell = event.target.closest("td[role=gridcell]");
      if (!cell) return;
      const place = placeOf(cell);
      if (place.row !== at.row || place.column !== at.column) go(place);
      entered = select(cell).value;
      here();
    });
    table.addEventListener("focusout", () => setTimeout(() => table.isConnected && here()));
    table.addEventListener("keydown", onCellKey);
    table.addEventListener("click", onClick);
    all("[data-raci-bar]").forEach((bar) => bar.addEventListener("click", onBar));
    find("[data-shape]").addEventListener("input", () => tell());
    find("[data-shape]").addEventListener("change", (event) => {
      if (event.target.matches("[name^='stage:'], [name^='apart:'], [name=naming]")) find("#draw").click();
    });
    choose();
    mark();
    tell();
  }

  if (!find("[data-raci-editor]")) return;
  begin();
  document.addEventListener("htmx:load", begin);
  document.addEventListener("htmx:afterSettle", mark);
  // What is being checked is about to be drawn anew; a late answer would be about the old grid.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.closest("[data-shape]")) htmx.trigger(".raci-scroll", "htmx:abort");
  });
  document.addEventListener("keydown", onPageKey);
  for (const kind of ["copy", "cut"]) document.addEventListener(kind, onCopy);
  document.addEventListener("paste", onPaste);
  addEventListener("beforeunload", (event) => {
    if (!leaving && unsavedCount()) event.preventDefault();
  });
})();
