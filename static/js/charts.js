/* Charts of the overview. Each is drawn from a table in the page, which stays as its text: [data-chart="lines"] reads
   the rows of #data-table: the first column names the step, the others carry data-value. ECharts is loaded only where a
   chart is. Without this script the table is open. */

const LINE_COLOURS = ["#2B6AA3", "#8A5A00"];
const SYMBOLS = ["circle", "triangle"];

let echartsReady;

function echarts(url) {
  echartsReady ??= new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: url });
    script.addEventListener("load", () => resolve(window.echarts), { once: true });
    script.addEventListener("error", reject, { once: true });
    document.head.append(script);
  });
  return echartsReady;
}

function read(table) {
  const names = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
  const rows = [...table.tBodies[0].rows];
  return {
    steps: rows.map((row) => row.cells[0].textContent.trim()),
    lines: names.map((name, index) => ({
      name,
      values: rows.map((row) => Number(row.cells[index + 1].dataset.value)),
      urls: rows.map((row) => row.cells[index + 1].querySelector("a")?.href),
    })),
  };
}

function options({ steps, lines }, styles) {
  const ink = styles.getPropertyValue("--lr-ink-2").trim() || "#444";
  const rule = styles.getPropertyValue("--lr-rule").trim() || "#ddd";
  return {
    animation: false,
    aria: { enabled: false }, // the element says it, in the language of the page
    grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
    legend: { top: 4, left: 0, textStyle: { color: ink } },
    tooltip: { trigger: "axis", renderMode: "richText", confine: true },
    xAxis: { type: "category", data: steps, axisLabel: { color: ink, hideOverlap: true }, axisLine: { lineStyle: { color: rule } } },
    yAxis: { type: "value", minInterval: 1, axisLabel: { color: ink }, splitLine: { lineStyle: { color: rule } } },
    series: lines.map((line, index) => ({
      type: "line",
      name: line.name,
      data: line.values,
      symbol: SYMBOLS[index % SYMBOLS.length],
      symbolSize: steps.length > 40 ? 4 : 7,
      color: styles.getPropertyValue(`--lr-chart-${index + 1}`).trim() || LINE_COLOURS[index % LINE_COLOURS.length],
      lineStyle: { width: 2, type: index ? "dashed" : "solid" },
    })),
  };
}

async function draw(element) {
  const table = document.getElementById(element.dataset.table);
  if (!table || element.dataset.drawn) return;
  element.dataset.drawn = "true";
  const library = await echarts(element.dataset.echarts);
  const data = read(table);
  element.hidden = false;
  element.parentElement.querySelector("[data-chart-table]")?.removeAttribute("open");
  const chart = library.init(element, null, { renderer: "svg" });
  chart.setOption(options(data, getComputedStyle(element)));
  chart.on("click", (at) => {
    const url = data.lines[at.seriesIndex]?.urls[at.dataIndex];
    if (url) window.location.assign(url);
  });
  new ResizeObserver(() => chart.resize()).observe(element);
}

function begin(root) {
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      draw(entry.target).catch(() => entry.target.remove()); // the table is there
    }
  });
  // a hidden element is never seen
  for (const element of root.querySelectorAll("[data-chart]")) {
    element.hidden = false;
    seen.observe(element);
  }
}

begin(document);
document.addEventListener("htmx:load", (event) => begin(event.detail.elt));
