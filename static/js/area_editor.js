/* The map beside a form that changes an area: [data-area-editor] "redraw" | "split" | "merge".
   The fields are what is sent; the map writes into them and follows them. All drawing is begun by our own buttons. */
const DIGITS = 7;
const SNAP = 14; // px
const FEWEST = { outline: 3, line: 2 };

async function start(root) {
  const { appended, arrangeLabels, createMap, drawAreas, leaflet } = await import(root.dataset.mapModule);
  const read = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");
  const outlines = read("editor-outlines");
  if (!outlines?.features.length) return;
  const L = await leaflet(root);
  if (root.dataset.areaEditor !== "merge") { // it adds itself to maps made after it
    await appended(Object.assign(document.createElement("link"), { rel: "stylesheet", href: root.dataset.geomanCss }));
    await appended(Object.assign(document.createElement("script"), { src: root.dataset.geoman }));
  }
  root.hidden = false;
  const map = createMap(L, root, outlines);
  const areas = drawAreas(L, map, outlines, { className: "lr-area", labelClass: "lr-area-name", interactive: root.dataset.areaEditor === "merge" });
  const names = () => arrangeLabels(map, areas);
  map.on("zoomend moveend resize", names);
  names();
  const result = read("editor-result");
  if (result?.features.length) L.geoJSON(result, { interactive: false, style: { className: "lr-area-result", weight: 3 } }).addTo(map);
  if (root.dataset.areaEditor === "merge") return startMerge(root, areas);
  return new Editor(L, map, root, areas);
}

/* Checkboxes and outlines say the same. */
function startMerge(root, areas) {
  const boxes = new Map([...document.querySelectorAll("input[name=codes]")].map((box) => [box.value, box]));
  const show = (code) => areas.get(code)?.layer.getElement().classList.toggle("is-on", code === root.dataset.code || boxes.get(code)?.checked);
  for (const [code, { layer }] of areas) {
    show(code);
    const box = boxes.get(code);
    if (!box) continue;
    layer.on("click", () => { box.checked = !box.checked; show(code); });
    box.addEventListener("change", () => show(code));
  }
}

class Editor {
  constructor(L, map, root, areas) {
    Object.assign(this, { L, map, root, areas });
    this.kind = root.dataset.areaEditor === "split" ? "line" : "outline";
    this.field = document.getElementById(`id_${this.kind}`);
    this.before = this.field.defaultValue;
    this.editButton = root.querySelector("[data-editor-edit]");
    this.drawButton = root.querySelector("[data-editor-draw]");
    const own = areas.get(root.dataset.code);
    if (this.kind === "outline") own?.layer.remove(); // the one that is edited stands in its place
    else own?.layer.getElement().classList.add("is-on");
    this.fromField();
    this.field.addEventListener("change", () => { this.stop(); this.fromField(); });
    this.editButton?.addEventListener("click", () => this.toggleEdit());
    this.drawButton.addEventListener("click", () => this.toggleDraw());
    root.querySelector("[data-editor-reset]").addEventListener("click", () => {
      this.stop();
      this.write(this.kind === "line" ? "" : this.before);
      this.fromField();
    });
    map.on("pm:create", ({ layer }) => {
      layer.remove();
      this.stop();
      this.write(this.text(layer));
      this.fromField();
    });
  }

  points() {
    const lines = this.field.value.split("\n").map((line) => line.trim()).filter(Boolean);
    const points = lines.map((line) => line.split(/[\s,;\uFF0C\uFF1B]+/).map(Number));
    return points.every((point) => point.length === 2 && point.every(Number.isFinite)) ? points.map(([lng, lat]) => [lat, lng]) : [];
  }

  fromField() {
    this.layer?.remove();
    this.layer = null;
    const points = this.points();
    if (points.length >= FEWEST[this.kind]) {
      this.layer = this.kind === "line"
        ? this.L.polyline(points, { className: "lr-cut", weight: 3, interactive: false })
        : this.L.polygon(points, { className: "lr-area is-on", weight: 2 });
    } else if (this.field.value.trim().startsWith("{")) this.layer = this.fromGeoJson();
    this.layer?.addTo(this.map);
    if (this.layer && this.kind === "outline") {
      this.layer.on("pm:edit pm:markerdragend pm:vertexadded pm:vertexremoved", () => this.write(this.text(this.layer)));
    }
  }

  fromGeoJson() {
    try {
      const [layer] = this.L.geoJSON(JSON.parse(this.field.value), { style: { className: "lr-area is-on", weight: 2 } }).getLayers();
      return layer;
    } catch {
      return null; // the server says what is wrong with it
    }
  }

  text(layer) {
    const { geometry } = layer.toGeoJSON(DIGITS);
    const isPlain = geometry.type === "LineString" || (geometry.type === "Polygon" && geometry.coordinates.length === 1);
    if (!isPlain) return JSON.stringify(geometry);
    const points = geometry.type === "LineString" ? geometry.coordinates : geometry.coordinates[0].slice(0, -1);
    return points.map(([lng, lat]) => `${lng.toFixed(DIGITS)}, ${lat.toFixed(DIGITS)}`).join("\n");
  }

  write(text) {
    this.field.value = text;
  }

  toggleEdit() {
    const begins = this.editButton.getAttribute("aria-pressed") === "false";
    this.stop();
    if (!begins || !this.layer) return;
    this.layer.pm.enable({ snappable: true, snapDistance: SNAP, allowSelfIntersection: false });
    this.editButton.setAttribute("aria-pressed", "true");
  }

  toggleDraw() {
    const begins = this.drawButton.getAttribute("aria-pressed") === "false";
    this.stop();
    if (!begins) return;
    this.map.pm.enableDraw(this.drawButton.dataset.editorDraw, {
      snappable: true, snapDistance: SNAP, allowSelfIntersection: false, tooltips: false, continueDrawing: false,
    });
    this.drawButton.setAttribute("aria-pressed", "true");
  }

  stop() {
    this.layer?.pm?.disable();
    this.map.pm.disableDraw();
    for (const button of [this.editButton, this.drawButton]) button?.setAttribute("aria-pressed", "false");
  }
}

for (const root of document.querySelectorAll("[data-area-editor]")) {
  start(root).catch((error) => {
    root.hidden = true; // the coordinates are enough
    console.error(error);
  });
}
