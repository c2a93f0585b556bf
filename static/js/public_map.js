/* The map beside the public list: clusters from the server, the list's own numbers on its pins. Everything it shows stands
   in the list, too; without this script it stays hidden. Words come from data attributes, colours from public.css. */

const WAIT = 150; // ms after the last move before the server is asked
const NUMBERS_MAX = 3; // numbers of the list that fit on one pin

for (const root of document.querySelectorAll("[data-public-map]")) {
  start(root).catch(() => { root.hidden = true; });
}

async function start(root) {
  const { leaflet, json, createMap, drawAreas, arrangeLabels } = await import(root.dataset.mapModule);
  const [L, outlines] = await Promise.all([leaflet(root), json(root.dataset.areas)]);
  if (!outlines.features.length) return; // no territory yet: the list is enough
  root.hidden = false;
  const map = createMap(L, root, outlines);
  const communities = drawAreas(L, map, outlines, { className: "lr-area", labelClass: "lr-area-name lr-area-name--large" });
  const pins = L.layerGroup().addTo(map);
  const said = root.querySelector("[data-map-said]");
  const listed = [...document.querySelectorAll("[data-public-rows] [data-lng]")].map((row) => ({
    lng: Number(row.dataset.lng), lat: Number(row.dataset.lat), number: Number(row.dataset.number), row,
  }));
  if (listed.length && new URLSearchParams(root.dataset.query).has("area")) {
    map.fitBounds(L.latLngBounds(listed.map(({ lat, lng }) => [lat, lng])).pad(0.3), { maxZoom: 15, animate: false });
  }

  let asked = 0;
  async function load() {
    const mine = ++asked;
    const bounds = map.getBounds();
    const query = new URLSearchParams(root.dataset.query);
    query.set("box", [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((one) => one.toFixed(6)).join());
    query.set("zoom", Math.floor(map.getZoom()));
    try {
      const { cell, clusters } = await json(`${root.dataset.url}?${query}`);
      if (mine !== asked) return; // moved on meanwhile
      said.textContent = "";
      show(cell, clusters);
    } catch {
      said.textContent = root.dataset.textFailed;
    }
  }

  function show(cell, clusters) {
    const cellOf = (lng, lat) => `${Math.floor(lng / cell)}:${Math.floor(lat / cell)}`;
    const numbers = new Map();
    for (const one of listed) numbers.set(cellOf(one.lng, one.lat), [...(numbers.get(cellOf(one.lng, one.lat)) ?? []), one]);
    pins.clearLayers();
    for (const [lng, lat, count, area] of clusters) {
      const own = numbers.get(cellOf(lng, lat)) ?? [];
      addPin(L.latLng(lat, lng), count, area, own);
    }
  }

  function addPin(at, count, area, own) {
    const all = own.length === count && count <= NUMBERS_MAX;
    const words = (own.length ? root.dataset.textOne : root.dataset.textMany)
      .replace("%(count)s", count).replace("%(numbers)s", own.map(({ number }) => number).join(", "));
    const text = document.createElement("span");
    text.textContent = all ? own.map(({ number }) => number).join("·") : String(count);
    const icon = L.divIcon({ className: `p-pin${all ? " p-pin--listed" : ""}`, html: text, iconSize: [44, 44] });
    const pin = L.marker(at, { icon, title: words, alt: words, riseOnHover: true }).addTo(pins);
    pin.getElement().setAttribute("aria-label", words);
    pin.on("click keypress", (event) => {
      if (event.type === "keypress" && event.originalEvent.key !== "Enter") return;
      if (all) own[0].row.querySelector("a").focus();
      else if (area) location.href = `${root.dataset.list}?${withArea(area)}`;
      else map.setView(at, Math.min(map.getZoom() + 2, 18));
    });
  }

  function withArea(area) {
    const query = new URLSearchParams(root.dataset.query);
    query.set("area", area);
    return query;
  }

  let waiting;
  map.on("moveend", () => {
    clearTimeout(waiting);
    waiting = setTimeout(load, WAIT);
    arrangeLabels(map, communities);
  });
  arrangeLabels(map, communities);
  load();
}
