// Puts the map together: layers in their order, the menu, the switches, reading by pointer and by keyboard.

function zonesOf(packed) {
  const shapes = shapesOf(packed.shapes);
  const name = integersOf(packed.name);
  return { shapes, packed, name };
}

function columnState(column, count) {
  const values = numbersOf(column.values);
  const notes = typeof column.notes === "string" ? integersOf(column.notes) : null;
  const noteOf = (f) => (notes ? notes[f] : column.notes);
  const classes = integersOf(column.class_of); // of the zones that have a value, in their order
  let next = 0;
  const classOf = Int8Array.from(values, (value) => (Number.isNaN(value) ? -1 : classes[next++]));
  return { column, values, classOf, noteOf, colours: column.classes.map((entry) => entry.colour), count };
}

function startStudyMap(map) {
  const data = JSON.parse(byId("study-data").textContent);
  const zones = zonesOf(data.zones);
  zones.nameOf = (f) => {
    if (zones.name[f]) return data.zones.names[zones.name[f] - 1];
    const zone = data.zones.ids[f];
    if (data.grid) return filled(data.text.square_unnamed, { zone: zone.replace("_", "/") });
    return filled(data.text.zone_unnamed, { zone });
  };
  const state = {};
  const layers = makeLayers(map, data, zones, state);
  const reader = makeReader(map, data, zones, state, layers.zones);

  function show(position) {
    Object.assign(state, columnState(data.columns[position]));
    const noted = (is) => Uint8Array.from(state.values, (_, f) => (is(data.notes[state.noteOf(f)]) ? 1 : 0));
    state.doubtful = noted((note) => note.status === "doubtful");
    state.nobody = noted((note) => note.nobody);
    state.markDoubt = state.column.doubtful > 0 && !state.column.all_doubtful;
    showLegend(data, state.column);
    if (map.hasLayer(layers.zones)) layers.zones.redraw();
    reader.refresh();
  }

  const menu = byId("column");
  menu.addEventListener("change", () => show(Number(menu.value)));
  for (const box of document.querySelectorAll("[data-layer]")) {
    const layer = layers[box.dataset.layer];
    box.addEventListener("change", () => {
      if (box.checked) layer.addTo(map);
      else layer.remove();
      reader.outline();
    });
    box.checked = true;
  }
  frameMap(map, data);
  menu.value = data.opening;
  show(Number(menu.value));
  for (const layer of Object.values(layers)) layer.addTo(map);
  document.documentElement.dataset.ready = "yes";
}

function makeLayers(map, data, zones, state) {
  const pane = (name, order) => {
    map.createPane(name).style.zIndex = order;
    map.getPane(name).style.pointerEvents = "none";
    return { pane: name };
  };
  const made = {};
  const packed = data.layers;
  const add = (name, order, paint) => {
    made[name] = new PaintLayer(paint, pane(name, order));
  };
  if (packed.land) {
    new PaintLayer(fillShapes(shapesOf(packed.land.shapes), LAND), pane("land", 205)).addTo(map);
  }
  if (packed.green) add("green", 210, fillShapes(shapesOf(packed.green.shapes), GREEN));
  add("zones", 220, fillZones(zones.shapes, state));
  made.zones.options.opacity = ZONE_OPACITY;
  if (packed.water) add("water", 230, fillShapes(shapesOf(packed.water.shapes), WATER));
  if (packed.boundary) add("boundary", 240, strokeShapes(shapesOf(packed.boundary.shapes), "rgba(60,58,54,.8)", 1, []));
  if (packed.footpaths) add("footpaths", 250, streetsPainter(packed.footpaths, true));
  if (packed.streets) add("streets", 260, streetsPainter(packed.streets, false));
  for (const [role, [colour, dash]] of Object.entries(CONTROL_LINES)) {
    if (packed[role]) add(role, 265, strokeShapes(shapesOf(packed[role].shapes), colour, 2.5, dash, false));
  }
  if (packed.stops) add("stops", 270, dotStops(shapesOf(packed.stops.shapes)));
  if (data.labels.length) made.names = new LabelLayer(data.labels, pane("names", 410));
  return made;
}

function streetsPainter(packed, onFoot) {
  return strokeStreets(shapesOf(packed.shapes), integersOf(packed.rank), onFoot);
}

function frameMap(map, data) {
  const corners = ([west, south, east, north]) => L.latLngBounds([south, west], [north, east]);
  const whole = corners(data.bounds);
  map.setMaxZoom(18);
  map.fitBounds(corners(data.home), { animate: false, padding: [8, 8], maxZoom: 16 });
  // After the view: a limit that the zoom is beyond would start moving it.
  map.setMinZoom(Math.max(Math.min(map.getBoundsZoom(whole) - 1, map.getZoom()), 1));
  map.setMaxBounds(corners(data.frame));
  L.control.zoom({ zoomInTitle: data.text.zoom_in, zoomOutTitle: data.text.zoom_out }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
  const fit = L.control({ position: "topleft" });
  fit.onAdd = () => {
    const bar = L.DomUtil.create("div", "leaflet-bar");
    const button = L.DomUtil.create("button", "fit", bar);
    button.type = "button";
    button.title = data.text.fit;
    button.setAttribute("aria-label", data.text.fit);
    L.DomEvent.disableClickPropagation(bar);
    button.addEventListener("click", () => map.fitBounds(whole, { padding: [8, 8] }));
    return bar;
  };
  fit.addTo(map);
  const frame = map.getContainer();
  frame.setAttribute("role", "application");
  frame.setAttribute("aria-label", data.text.map_label);
  frame.tabIndex = 0;
  // Leaflet moves the focus to the map at every click; only a person at the keyboard needs to see it.
  document.addEventListener("keydown", () => document.documentElement.classList.add("by-keyboard"), true);
  document.addEventListener("pointerdown", () => document.documentElement.classList.remove("by-keyboard"), true);
  window.addEventListener("beforeprint", () => map.invalidateSize({ animate: false }));
}

function makeReader(map, data, zones, state, layer) {
  const stops = data.layers.stops ? shapesOf(data.layers.stops.shapes) : null;
  const lines = L.svg();
  const drawn = (color, weight) => L.polygon([], { color, weight, fill: false, interactive: false, renderer: lines });
  const outlines = [drawn("#fff", 7), drawn("#111", 3)]; // a white edge keeps it visible on the darkest class
  const hover = L.tooltip({ direction: "top", offset: [0, -10], className: "hover", opacity: 1 });
  let read = null;

  const zoneAt = (place) => featureAt(zones.shapes, worldX(place.lng), worldY(place.lat));
  const ringsOf = (f) => {
    const rings = [];
    const shapes = zones.shapes;
    for (let p = shapes.first[f]; p < shapes.first[f + 1]; p++) {
      const ring = [];
      for (let i = shapes.start[p]; i < shapes.start[p + 1]; i++) {
        const point = map.options.crs.pointToLatLng(L.point(shapes.x[i], shapes.y[i]).multiplyBy(256), 0);
        ring.push(point);
      }
      rings.push(ring);
    }
    return rings;
  };
  const stopsNear = (place) => {
    if (!stops || map.getZoom() < 14) return [];
    const scale = 256 * 2 ** map.getZoom(), x = worldX(place.lng), y = worldY(place.lat);
    const near = new Set();
    for (let f = 0; f < stops.count; f++) {
      if (Math.hypot(stops.x[f] - x, stops.y[f] - y) * scale < 12) near.add(data.layers.stops.names[f]);
    }
    return [...near].filter(Boolean);
  };
  // The zone that is read has a ring, as long as zones are shown.
  const outline = () => {
    for (const ring of outlines) {
      ring.remove();
      if (read && map.hasLayer(layer)) ring.setLatLngs(ringsOf(read.f)).addTo(map);
    }
  };
  const readAt = (place) => {
    const f = zoneAt(place);
    read = f < 0 ? null : { f, stops: stopsNear(place) };
    outline();
    refresh();
    if (!read) showReading(data, null, []);
  };
  const refresh = () => {
    if (read) showReading(data, zoneWords(data, zones, state, read.f), read.stops);
  };
  const point = (event) => {
    const f = zoneAt(event.latlng);
    if (f < 0) {
      hover.remove();
      return;
    }
    const said = zoneWords(data, zones, state, f);
    const lines = element("div");
    lines.append(element("div", said.name), element("strong", said.value), ...stopsNear(event.latlng).map((s) => element("div", s)));
    hover.setLatLng(event.latlng).setContent(lines);
    if (!map.hasLayer(hover)) hover.addTo(map);
  };
  map.on("click", (event) => readAt(event.latlng));
  if (window.matchMedia("(hover: hover)").matches) {
    map.on("mousemove", point);
    map.on("mouseout movestart", () => hover.remove());
  }
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== map.getContainer()) return;
    event.preventDefault();
    readAt(map.getCenter());
  });
  return { refresh, outline };
}
