// Draws the charts of a page in the colours of its theme; the figures come without any.
(() => {
  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    const tones = { ink: read("--ink"), surface: read("--surface"), line: read("--line"), quiet: read("--quiet"), grid: read("--chart-grid") };
    for (const tone of ["accent", "second", "third", "good", "bad", "warn", "muted"]) tones[tone] = read(`--chart-${tone}`);
    return tones;
  };

  const faint = (colour) => `${colour}26`;

  function paintTrace(trace, tones) {
    const { tone = "accent", fill, ring } = trace.meta ?? {};
    const colour = tones[tone];
    const painted = { ...trace, line: { ...trace.line, color: colour }, textfont: { color: tones.ink } };
    painted.marker = { ...trace.marker, color: ring ? tones.surface : colour };
    if (ring) painted.marker.line = { ...painted.marker.line, color: colour };
    if (fill) painted.fillcolor = faint(colour);
    for (const bar of ["error_x", "error_y"]) if (trace[bar]) painted[bar] = { ...trace[bar], color: colour };
    if (trace.type === "bar") delete painted.line;
    return painted;
  }

  function paintLayout(layout, tones) {
    const painted = { ...layout, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", dragmode: false };
    painted.font = { family: getComputedStyle(document.body).fontFamily, size: 12, color: tones.ink };
    painted.hoverlabel = { bgcolor: tones.surface, bordercolor: tones.line, font: { color: tones.ink } };
    for (const key of Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name))) {
      const axis = layout[key];
      painted[key] = {
        gridcolor: tones.grid, linecolor: tones.line, zeroline: false, fixedrange: true, tickfont: { color: tones.quiet }, ticklen: 0, nticks: 6,
        ...axis,
        title: { ...axis.title, font: { size: 12, color: tones.quiet }, standoff: 8 },
      };
    }
    painted.shapes = (layout.shapes ?? []).map((shape) => ({ ...shape, layer: "below", line: { ...shape.line, color: tones[shape.name] } }));
    painted.annotations = (layout.annotations ?? []).map((note) => ({ ...note, bgcolor: `${tones.surface}d9`, borderpad: 1, font: { ...note.font, size: 12, color: tones[note.name] } }));
    return painted;
  }

  function draw(chart) {
    const place = chart.querySelector(".chart-plot");
    const figure = JSON.parse(chart.querySelector("script[type='application/json']").textContent);
    const tones = colours();
    const config = { displayModeBar: false, responsive: true };
    Plotly.react(place, figure.data.map((trace) => paintTrace(trace, tones)), paintLayout(figure.layout, tones), config);
  }

  const drawAll = (within) => within.querySelectorAll("[data-chart]").forEach(draw);
  document.addEventListener("DOMContentLoaded", () => document.fonts.ready.then(() => drawAll(document)));
  document.addEventListener("themechange", () => drawAll(document));
  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
})();
