/* Maps of the territory. Two uses, both improvements of a page that works without them:
   [data-map-picker]      pick a point: outlines, a pin, the name of the grid said back;
   [data-map-choropleth]  a number per area, read from a table in the page; a click follows the row's link.
   Leaflet is loaded only where a map is. All words come from data attributes, all colours from map.css. */

const EDGE = 14; // px kept free around outlines and between the pin and the frame
const CONTROLS = 64; // px at the right edge that the buttons cover
const STEP = 10; // px the pin moves with an arrow key, five times that with Shift
const APART = 6; // px between two names
const ROOM = { x: 16, y: 10 }; // px an area must measure before its name is even tried
const NAMED_WIDTH = 88; // px a grid must measure before grids are named instead of communities
const NEAR_WIDTH = 130; // px a grid measures when a pin has been put
const TILE_FAULTS = 4;

let leafletReady;
let shifted; // the projection of tiles that are not in WGS-84

function leaflet(root) {
  leafletReady ??= Promise.all([
    appended(Object.assign(document.createElement("link"), { rel: "stylesheet", href: root.dataset.leafletCss })),
    window.L ?? appended(Object.assign(document.createElement("script"), { src: root.dataset.leaflet })),
    tilesOf(root)?.shift && import(tilesOf(root).shift),
  ]).then(([, , gcoord]) => {
    if (gcoord) shifted = shiftedCrs(window.L, gcoord.default);
    return window.L;
  });
  return leafletReady;
}

function tilesOf(root) {
  return root.dataset.tiles ? JSON.parse(root.dataset.tiles) : null;
}

/* Web Mercator of GCJ-02: everything on the map stays in WGS-84 and is shifted where it is projected, the pin's position
   shifted back, so that outlines and pins lie where the tiles show the streets. */
function shiftedCrs(L, gcoord) {
  const flat = L.Projection.SphericalMercator;
  const moved = (lng, lat, from, to) => {
    const [x, y] = gcoord.transform([lng, lat], from, to);
    return L.latLng(y, x);
  };
  return L.extend({}, L.CRS.EPSG3857, {
    projection: {
      bounds: flat.bounds,
      project: ({ lng, lat }) => flat.project(moved(lng, lat, gcoord.WGS84, gcoord.GCJ02)),
      unproject(point) {
        const { lng, lat } = flat.unproject(point);
        return moved(lng, lat, gcoord.GCJ02, gcoord.WGS84);
      },
    },
  });
}

function appended(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve, { once: true });
    element.addEventListener("error", reject, { once: true });
    document.head.append(element);
  });
}

async function json(url, options) {
  const response = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin", ...options });
  const body = await response.json();
  if (!response.ok) throw Object.assign(new Error(body.error ?? response.statusText), { said: body.error });
  return body;
}

/* ---------- what both maps share ---------- */

function createMap(L, root, collection) {
  const canvas = root.querySelector("[data-map-canvas]");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(canvas, {
    crs: shifted ?? L.CRS.EPSG3857,
    zoomControl: false,
    attributionControl: false,
    zoomSnap: 0.25,
    minZoom: 8,
    maxZoom: 19,
    zoomAnimation: !calm,
    fadeAnimation: !calm,
    markerZoomAnimation: !calm,
    scrollWheelZoom: false, // the wheel scrolls the page
  });
  const on = (name, act) => root.querySelector(`[data-map-${name}]`)?.addEventListener("click", act);
  on("zoom-in", () => map.zoomIn(1));
  on("zoom-out", () => map.zoomOut(1));
  // Leaflet makes the elements of layers only once it knows where to look.
  const bounds = L.geoJSON(collection).getBounds();
  map.fitBounds(bounds, { paddingTopLeft: [EDGE, EDGE], paddingBottomRight: [CONTROLS, EDGE], animate: false });
  addTiles(L, map, root);
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(canvas);
  return map;
}

function addTiles(L, map, root) {
  const tiles = tilesOf(root);
  if (!tiles) return;
  const layer = L.tileLayer(tiles.url, { maxZoom: 19, maxNativeZoom: tiles.max_zoom ?? 18, subdomains: tiles.subdomains ?? "abc" });
  L.control.attribution({ prefix: false, position: "bottomleft" }).addAttribution(tiles.attribution ?? "").addTo(map);
  let faults = 0;
  layer.on("tileload", () => { faults = 0; });
  layer.on("tileerror", () => {
    faults += 1;
    if (faults < TILE_FAULTS) return;
    layer.remove();
    root.classList.remove("has-tiles");
    const note = root.querySelector("[data-map-note]");
    if (note) note.hidden = false;
  });
  root.classList.add("has-tiles");
  layer.addTo(map);
}

/* Outlines with their names. Returns code -> {layer, label, feature}. A name becomes an element when it is first shown:
   of thousands of grids few have room for theirs. */
function drawAreas(L, map, collection, { className, labelClass, text, interactive = false }) {
  const areas = new Map();
  L.geoJSON(collection, {
    interactive,
    style: { className, weight: 1 },
    onEachFeature(feature, layer) {
      const { code, name, label: [lng, lat] } = feature.properties;
      const label = new Name(L, map, [lat, lng], labelClass, text ? text(feature.properties) : name);
      areas.set(code, { layer, label, feature });
    },
  }).addTo(map);
  for (const [code, { layer }] of areas) layer.getElement().dataset.code = code;
  return areas;
}

class Name {
  constructor(L, map, at, className, text) {
    Object.assign(this, { L, map, at: L.latLng(at), className, text, classes: new Set() });
  }

  create() {
    if (this.marker) return;
    this.words = document.createElement("span");
    this.words.textContent = this.text;
    const icon = this.L.divIcon({ className: [this.className, ...this.classes].join(" "), html: this.words, iconSize: [0, 0] });
    this.marker = this.L.marker(this.at, { icon, interactive: false, keyboard: false }).addTo(this.map);
    this.marker.getElement().setAttribute("aria-hidden", "true"); // the table or the line below says it
  }

  /* Half of its width and height in px now: the reader may have changed the size of the letters. */
  half() {
    this.create();
    return { x: this.words.offsetWidth / 2, y: this.words.offsetHeight / 2 };
  }

  show(on) {
    this.marker?.getElement().classList.toggle("is-hidden", !on);
  }

  mark(name, on) {
    this.classes[on ? "add" : "delete"](name);
    this.marker?.getElement().classList.toggle(name, on);
  }
}

/* Show the names that fit inside their own area and do not cover each other, the larger areas first. */
function arrangeLabels(map, areas) {
  const placed = [underControls(map)];
  const view = map.getSize();
  const measured = [...areas.values()].map((area) => {
    const box = map.latLngToContainerPoint(area.layer.getBounds().getNorthEast())
      .subtract(map.latLngToContainerPoint(area.layer.getBounds().getSouthWest()));
    return { ...area, width: box.x, height: -box.y };
  });
  measured.sort((a, b) => b.width * b.height - a.width * a.height);
  for (const { label, width, height } of measured) {
    const at = map.latLngToContainerPoint(label.at);
    const isNear = width >= ROOM.x && height >= ROOM.y && view.add([width, height]).contains(at) && at.x > -width && at.y > -height;
    const half = isNear ? label.half() : null;
    const inView = half && at.x > -half.x && at.y > -half.y && at.x < view.x + half.x && at.y < view.y + half.y;
    const fits = half && half.x * 2 <= width && half.y * 2 <= height;
    const free = inView && fits && placed.every((other) =>
      Math.abs(other.at.x - at.x) > other.half.x + half.x + APART || Math.abs(other.at.y - at.y) > other.half.y + half.y);
    if (free) placed.push({ at, half });
    label.show(free);
  }
}

/* The corner that our buttons cover, as a place that is taken. */
function underControls(map) {
  const frame = map.getContainer().getBoundingClientRect();
  const box = map.getContainer().parentElement.querySelector(".lr-map__controls").getBoundingClientRect();
  const half = { x: box.width / 2, y: box.height / 2 };
  return { at: { x: box.left - frame.left + half.x, y: box.top - frame.top + half.y }, half };
}

function boundsOf(L, areas) {
  const bounds = L.latLngBounds([]);
  for (const { layer } of areas.values()) bounds.extend(layer.getBounds());
  return bounds;
}

function medianWidth(map, areas) {
  const widths = [...areas.values()].map(({ layer }) => {
    const bounds = layer.getBounds();
    return map.project(bounds.getNorthEast()).x - map.project(bounds.getSouthWest()).x;
  }).sort((a, b) => a - b);
  return widths[widths.length >> 1] ?? 0;
}

/* ---------- the picker ---------- */

async function startPicker(root) {
  const L = await leaflet(root);
  const [grids, communities] = await Promise.all([json(root.dataset.areasUrl), json(root.dataset.communitiesUrl)]);
  if (!grids.features.length) return; // no territory yet: the address field is enough
  root.hidden = false;
  const map = createMap(L, root, grids);
  new Picker(L, map, root, grids, communities);
}

class Picker {
  constructor(L, map, root, grids, communities) {
    Object.assign(this, { L, map, root, words: root.dataset });
    this.lng = document.getElementById(root.dataset.inputLng);
    this.lat = document.getElementById(root.dataset.inputLat);
    this.removeButton = root.querySelector("[data-map-remove]");
    this.grids = drawAreas(L, map, grids, { className: "lr-area", labelClass: "lr-area-name" });
    this.communities = drawAreas(L, map, communities, { className: "lr-area-border", labelClass: "lr-area-name lr-area-name--large" });
    this.bounds = boundsOf(L, this.grids);
    map.on("click", ({ latlng }) => this.place(latlng, { look: true }));
    map.on("zoomend moveend resize", () => this.arrange());
    this.bindButtons();
    this.start();
  }

  bindButtons() {
    this.root.querySelector("[data-map-centre]").addEventListener("click", () => {
      this.place(this.map.getCenter(), { look: true });
      this.pin.getElement().focus();
    });
    this.removeButton.addEventListener("click", () => this.remove());
    const locate = this.root.querySelector("[data-map-locate]");
    if (window.isSecureContext && navigator.geolocation) {
      locate.hidden = false;
      locate.addEventListener("click", () => this.locate());
    }
    // The page may move the pin (an address was found): it sets both fields and fires "change" on the second.
    this.lat.addEventListener("change", () => this.follow());
  }

  start() {
    this.limits = this.bounds.pad(0.9);
    this.map.setMaxBounds(this.bounds.pad(1));
    this.follow();
    this.arrange();
  }

  fromInputs() {
    const lng = Number.parseFloat(this.lng.value);
    const lat = Number.parseFloat(this.lat.value);
    return Number.isFinite(lng) && Number.isFinite(lat) ? this.L.latLng(lat, lng) : null;
  }

  follow() {
    const at = this.fromInputs();
    if (!at) return;
    this.map.setView(at, Math.max(this.map.getZoom(), this.nearZoom()));
    this.place(at, { write: false });
  }

  arrange() {
    const named = medianWidth(this.map, this.grids) >= NAMED_WIDTH || !this.communities.size;
    this.root.classList.toggle("is-near", named);
    arrangeLabels(this.map, named ? this.grids : this.communities);
  }

  place(latlng, { look = false, write = true } = {}) {
    if (!this.pin) this.createPin(latlng);
    this.pin.setLatLng(latlng);
    this.removeButton.hidden = false;
    if (write) {
      this.lng.value = latlng.lng.toFixed(6);
      this.lat.value = latlng.lat.toFixed(6);
      this.tell();
    }
    if (look && !this.root.classList.contains("is-near")) this.map.setView(latlng, this.nearZoom());
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.ask(latlng), 250);
  }

  /* The draft saves itself when a field says that it changed. */
  tell() {
    this.lat.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* From far away a finger covers a whole grid: come near enough that the pin can be put right. */
  nearZoom() {
    const missing = Math.log2(NEAR_WIDTH / medianWidth(this.map, this.grids));
    return Math.min(Math.round((this.map.getZoom() + missing) * 4) / 4, 17);
  }

  createPin(latlng) {
    const drawing = this.root.querySelector("template[data-map-pin]").content.firstElementChild.cloneNode(true);
    const icon = this.L.divIcon({ className: "lr-pin", html: drawing, iconSize: [44, 48], iconAnchor: [22, 46] });
    this.pin = this.L.marker(latlng, { icon, draggable: true, autoPan: true, zIndexOffset: 1000 }).addTo(this.map);
    this.pin.on("dragend", () => this.place(this.pin.getLatLng()));
    const element = this.pin.getElement();
    element.setAttribute("aria-label", this.words.textPin);
    element.addEventListener("keydown", (event) => this.nudge(event));
  }

  nudge(event) {
    const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
    if (x === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.shiftKey ? STEP * 5 : STEP;
    const to = this.map.latLngToContainerPoint(this.pin.getLatLng()).add([x * step, y * step]);
    const latlng = this.map.containerPointToLatLng(to);
    if (!this.limits.contains(latlng)) return;
    this.place(latlng);
    this.map.panInside(latlng, { paddingTopLeft: [EDGE * 2, EDGE * 4], paddingBottomRight: [CONTROLS + EDGE * 2, EDGE], animate: false });
  }

  remove() {
    clearTimeout(this.waiting);
    this.asking?.abort();
    this.pin?.remove();
    this.pin = null;
    this.lng.value = "";
    this.lat.value = "";
    this.tell();
    this.removeButton.hidden = true;
    this.choose(null);
    this.say(this.words.textNone);
    this.map.getContainer().focus({ preventScroll: true });
  }

  async ask(latlng) {
    this.asking?.abort();
    this.asking = new AbortController();
    const query = new URLSearchParams({ lng: latlng.lng.toFixed(6), lat: latlng.lat.toFixed(6) });
    try {
      const place = await json(`${this.words.whereUrl}?${query}`, { signal: this.asking.signal });
      this.choose(place.grid_code ?? null);
      this.say(place.message, place.detail);
      this.root.classList.toggle("is-outside", place.outside);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.choose(null);
      this.say(error.said ?? this.words.textOffline);
    }
  }

  choose(code) {
    for (const [own, { layer, label }] of this.grids) {
      const chosen = own === code;
      layer.getElement()?.classList.toggle("is-on", chosen);
      if (chosen) label.create();
      label.mark("is-on", chosen);
      if (chosen) layer.bringToFront();
    }
    for (const { layer } of this.communities.values()) layer.bringToFront();
  }

  say(message, detail = "") {
    this.root.querySelector("[data-map-said-main]").textContent = message;
    this.root.querySelector("[data-map-said-more]").textContent = detail ?? "";
  }

  locate() {
    this.say(this.words.textLocating);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const at = this.L.latLng(coords.latitude, coords.longitude);
        if (!this.limits.contains(at)) {
          this.say(this.words.textFar);
          return;
        }
        this.map.setView(at, 17);
        this.place(at);
      },
      (error) => this.say(error.code === error.PERMISSION_DENIED ? this.words.textDenied : this.words.textNotFound),
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 30000 },
    );
  }
}

/* ---------- a number per area ---------- */

async function startChoropleth(root) {
  const table = document.getElementById(root.dataset.table);
  const rows = new Map([...table.querySelectorAll("tr[data-code]")].map((row) => [row.dataset.code, row]));
  const L = await leaflet(root);
  const collection = await json(root.dataset.areasUrl);
  collection.features = collection.features.filter(({ properties }) => rows.has(properties.code));
  if (!collection.features.length) return;
  root.hidden = false;
  const map = createMap(L, root, collection);
  const valueOf = (code) => (rows.get(code).dataset.value === "" ? null : Number(rows.get(code).dataset.value));
  const steps = classSteps([...rows.keys()].map(valueOf).filter((value) => value !== null));
  const areas = drawAreas(L, map, collection, {
    className: "lr-area lr-area--link",
    labelClass: "lr-area-name lr-area-name--value",
    text: ({ code, name }) => (valueOf(code) === null ? name : rows.get(code).dataset.text || String(valueOf(code))),
    interactive: true,
  });
  for (const [code, { layer, label, feature }] of areas) {
    const row = rows.get(code);
    const step = steps.findLastIndex((from) => valueOf(code) !== null && valueOf(code) >= from);
    if (step >= 0) {
      const shade = `lr-shade-${step + 5 - steps.length}`; // few classes: the darker ones
      layer.getElement().classList.add(shade);
      label.mark(`on-${shade}`, true);
    }
    bindRow(row, layer, feature.properties.name);
  }
  drawLegend(root, steps);
  map.on("zoomend moveend resize", () => arrangeLabels(map, areas));
  arrangeLabels(map, areas);
}

function bindRow(row, layer, name) {
  const link = row.querySelector("a[href]");
  const value = row.dataset.text || row.dataset.value;
  const words = document.createElement("span");
  words.textContent = value ? `${name} ${value}` : name;
  layer.bindTooltip(words, { sticky: true, className: "lr-area-tip" });
  const mark = (on) => {
    row.classList.toggle("is-selected", on);
    layer.getElement().classList.toggle("is-on", on);
    if (on) layer.bringToFront();
  };
  layer.on("mouseover", () => mark(true)).on("mouseout", () => mark(false));
  row.addEventListener("mouseenter", () => mark(true));
  row.addEventListener("mouseleave", () => mark(false));
  row.addEventListener("focusin", () => mark(true));
  row.addEventListener("focusout", () => mark(false));
  layer.getElement().classList.toggle("is-current", row.classList.contains("is-current"));
  if (link) layer.on("click", () => link.click());
}

/* Lower bounds of at most five classes with about as many areas in each, on round numbers. */
function classSteps(values) {
  const sorted = [...values].sort((a, b) => a - b);
  if (!sorted.length) return [];
  const lowest = Math.min(0, sorted[0]);
  const bounds = [0.2, 0.4, 0.6, 0.8].map((share) => rounded(sorted[Math.floor(share * (sorted.length - 1))]));
  return [...new Set([lowest, ...bounds.filter((bound) => bound > lowest && bound <= sorted.at(-1))])];
}

function rounded(value) {
  const unit = value >= 200 ? 50 : value >= 50 ? 10 : value >= 20 ? 5 : 1;
  return Math.round(value / unit) * unit;
}

function drawLegend(root, steps) {
  const legend = root.querySelector("[data-map-legend]");
  if (!legend || !steps.length) return;
  legend.replaceChildren(...steps.map((from, index) => {
    const item = document.createElement("li");
    const swatch = document.createElement("i");
    swatch.className = `lr-shade-${index + 5 - steps.length}`;
    const last = index === steps.length - 1;
    const to = last ? null : steps[index + 1] - 1;
    const words = last ? root.dataset.textOver : to === from ? "{from}" : root.dataset.textRange;
    item.append(swatch, words.replace("{from}", from).replace("{to}", to));
    return item;
  }));
  legend.hidden = false;
}

/* ---------- start, also in fragments that HTMX brings ---------- */

function start(within) {
  const all = (name) => [...within.querySelectorAll(`[${name}]`), ...(within.matches?.(`[${name}]`) ? [within] : [])];
  for (const [name, begin] of [["data-map-picker", startPicker], ["data-map-choropleth", startChoropleth]]) {
    for (const root of all(name)) {
      if (root.dataset.started) continue;
      root.dataset.started = "yes";
      begin(root).catch((error) => console.warn("The map did not start; the page works without it.", error));
    }
  }
}

start(document);
document.addEventListener("htmx:load", ({ target }) => start(target));

export { appended, arrangeLabels, createMap, drawAreas, json, leaflet };
