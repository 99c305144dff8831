// The panel's words. Everything from the data enters as text, never as markup.

const byId = (id) => document.getElementById(id);

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

const filled = (template, values) =>
  template.replace(/\{(\w+)(?::[^}]*)?\}/g, (whole, name) => (name in values ? values[name] : whole));

function legendRow(className, colour, label, zones) {
  const row = element("tr");
  const head = element("th");
  head.scope = "row";
  const swatch = element("span", "", `swatch ${className}`);
  swatch.setAttribute("aria-hidden", "true");
  if (colour) swatch.style.backgroundColor = colour;
  head.append(swatch, element("span", label));
  row.append(head, element("td", formatCount(zones), "count"));
  return row;
}

function showLegend(data, column) {
  const about = data.indicators[column.indicator];
  const rows = column.classes.map((entry) => legendRow("", onLand(entry.colour), entry.label, entry.zones)).reverse();
  if (column.doubtful && !column.all_doubtful) {
    rows.push(legendRow("doubt", "", data.text.class_doubtful, column.doubtful));
  }
  if (column.nobody) rows.push(legendRow("nobody", "", data.text.class_nobody, column.nobody));
  if (column.none) rows.push(legendRow("none", "", data.text.class_none, column.none));
  byId("legend").tBodies[0].replaceChildren(...rows);
  byId("legend-name").textContent = column.title;
  byId("legend-unit").textContent = column.unit;
  byId("direction").textContent = about.direction;
  byId("whole").textContent = column.whole;
  byId("definition").textContent = about.definition;
  byId("definition-part").hidden = !about.definition;
  byId("summary").replaceChildren(...column.summary.map((line) => element("p", line)));
  byId("summary").className = column.doubtful ? "warned" : "";
}

// What is known of one zone, as lines: name, value, status, reason.
function zoneWords(data, zones, state, f) {
  const name = zones.nameOf(f);
  const value = state.values[f];
  const note = data.notes[state.noteOf(f)];
  const known = !Number.isNaN(value);
  const without = note.nobody ? data.text.class_nobody : data.text.class_none;
  const status = known ? data.text[`status_${note.status}`] : "";
  const reason = note.reason || (known ? "" : data.text.no_reason);
  return {
    name,
    about: byId("legend-name").textContent,
    value: known ? formatNumber(value, state.column.places, state.column.percent) + state.column.suffix : without,
    status: known || !note.nobody ? [status, reason].filter(Boolean).join(" ") : "",
    none: note.nobody ? "nobody" : "none",
    colour: known ? onLand(state.colours[state.classOf[f]]) : "",
  };
}

function showReading(data, said, stops) {
  if (!said) {
    byId("reading").replaceChildren(element("p", data.text.no_zone, "hint"));
    return;
  }
  const value = element("p", "", "value");
  const swatch = element("span", "", said.colour ? "swatch" : `swatch ${said.none}`);
  swatch.style.backgroundColor = said.colour;
  swatch.setAttribute("aria-hidden", "true");
  value.append(swatch, element("strong", said.value));
  const lines = [element("p", said.name, "name"), value, element("p", said.about, "about")];
  lines.push(element("p", said.status, "status"));
  if (stops.length) lines.push(element("p", filled(data.text.stops_near, { stops: stops.join(" · ") }), "stops"));
  byId("reading").replaceChildren(...lines);
}
