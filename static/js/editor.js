// The editor of a policy: line numbers that follow the text, and problems that lead to their place.
(() => {
  const text = () => document.querySelector(".editor-text");

  function number() {
    const lines = document.getElementById("editor-lines");
    const wanted = text().value.split("\n").length;
    while (lines.children.length > wanted) lines.lastElementChild.remove();
    while (lines.children.length < wanted) {
      const line = document.createElement("li");
      line.id = `line-${lines.children.length + 1}`;
      line.textContent = lines.children.length + 1;
      lines.append(line);
    }
    text().rows = Math.max(24, wanted + 1);
  }

  function jump(line, column) {
    const before = text().value.split("\n").slice(0, line - 1);
    const start = before.reduce((sum, one) => sum + one.length + 1, 0);
    const end = start + (text().value.split("\n")[line - 1] ?? "").length;
    text().focus({ preventScroll: true });
    text().setSelectionRange(Math.min(start + column - 1, end), end);
    document.getElementById(`line-${line}`)?.scrollIntoView({ block: "center" });
  }

  document.addEventListener("DOMContentLoaded", () => {
    number();
    text().addEventListener("input", number);
  });
  document.addEventListener("htmx:oobAfterSwap", number);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-jump-line]");
    if (!link) return;
    event.preventDefault();
    jump(Number(link.dataset.jumpLine), Number(link.dataset.jumpColumn));
  });
})();
