// Paints packed shapes on canvas tiles: one tile layer a theme, so that a switch repaints only its own.

const LAND = "#f6f4ee";
const ZONE_OPACITY = 0.9;
const WATER = "#c3d9e6";
const GREEN = "#d5e3c4";
const HATCH = "#bfb9ac";
const EMPTY = "#efece5";
const DOUBT = "rgba(255,255,255,.85)";
const CASING = "rgba(60,58,54,.5)";
const CORE = "rgba(255,255,255,.85)";
const CONTROL_LINES = {
  growth_boundary: ["#7a1fa2", [9, 5]],
  ecological_redline: ["#c62828", []],
  basic_farmland: ["#7d6200", [2, 5]],
};

// A zone's colour as it looks through its layer's opacity, for the legend.
function onLand(colour) {
  const parts = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const land = parts(LAND);
  return `rgb(${parts(colour).map((c, i) => Math.round(c * ZONE_OPACITY + land[i] * (1 - ZONE_OPACITY))).join(" ")})`;
}

const PaintLayer = L.GridLayer.extend({
  options: { tileSize: 512, keepBuffer: 1, updateWhenZooming: false },
  initialize(paint, options) {
    L.setOptions(this, options);
    this._paint = paint;
  },
  createTile(coords) {
    const tile = document.createElement("canvas");
    const size = this.getTileSize();
    const dense = Math.min(window.devicePixelRatio || 1, 2);
    tile.width = size.x * dense;
    tile.height = size.y * dense;
    const pen = tile.getContext("2d");
    pen.scale(dense, dense);
    pen.lineCap = pen.lineJoin = "round";
    this._paint(pen, viewOf(coords, size));
    return tile;
  },
});

function viewOf(coords, size) {
  const scale = 256 * 2 ** coords.z;
  const left = coords.x * size.x;
  const top = coords.y * size.y;
  const pad = 8;
  return {
    zoom: coords.z, scale, left, top,
    west: (left - pad) / scale, east: (left + size.x + pad) / scale,
    north: (top - pad) / scale, south: (top + size.y + pad) / scale,
  };
}

function inView(shapes, f, view) {
  const b = shapes.box, i = 4 * f;
  return b[i] <= view.east && b[i + 2] >= view.west && b[i + 1] <= view.south && b[i + 3] >= view.north;
}

// Adds one feature to the pen's path; vertices nearer than half a pixel to the last are left out.
function trace(pen, shapes, f, view, closed) {
  for (let p = shapes.first[f]; p < shapes.first[f + 1]; p++) {
    const from = shapes.start[p], to = shapes.start[p + 1];
    let lastX = Infinity, lastY = Infinity;
    for (let i = from; i < to; i++) {
      const px = shapes.x[i] * view.scale - view.left;
      const py = shapes.y[i] * view.scale - view.top;
      const near = Math.abs(px - lastX) + Math.abs(py - lastY) < 0.5;
      if (i === from) pen.moveTo(px, py);
      else if (!near || (i === to - 1 && !closed)) pen.lineTo(px, py);
      else continue;
      lastX = px;
      lastY = py;
    }
    if (closed) pen.closePath();
  }
}

function fillShapes(shapes, colour) {
  return (pen, view) => {
    pen.fillStyle = colour;
    for (let f = 0; f < shapes.count; f++) {
      if (!inView(shapes, f, view)) continue;
      pen.beginPath();
      trace(pen, shapes, f, view, true);
      pen.fill("evenodd");
    }
  };
}

function strokeShapes(shapes, colour, width, dash, closed = true) {
  return (pen, view) => {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.setLineDash(dash);
    pen.beginPath();
    for (let f = 0; f < shapes.count; f++) if (inView(shapes, f, view)) trace(pen, shapes, f, view, closed);
    pen.stroke();
  };
}

// Width in pixels by rank (1 motorway … 5 service road, 6 on foot) and zoom; 0: not drawn.
function streetWidth(rank, zoom) {
  const shownFrom = [0, 0, 0, 12, 14, 15, 15][rank];
  if (zoom < shownFrom) return 0;
  const base = [0, 1.6, 1.3, 0.9, 0.6, 0.45, 0.6][rank];
  return base * 1.45 ** Math.max(Math.min(zoom, 17) - 12, 0);
}

// From afar one thin dark line a street; nearer a white street with dark edges, legible on pale and on dark zones.
function strokeStreets(shapes, ranks, onFoot) {
  return (pen, view) => {
    const chosen = [[], [], [], [], [], [], []];
    for (let f = 0; f < shapes.count; f++) {
      if (streetWidth(ranks[f], view.zoom) && inView(shapes, f, view)) chosen[ranks[f]].push(f);
    }
    const near = view.zoom >= 13;
    for (const edge of near ? [true, false] : [true]) {
      for (let rank = 6; rank > 0; rank--) {
        const width = streetWidth(rank, view.zoom);
        if (!width) continue;
        pen.strokeStyle = edge ? CASING : CORE;
        pen.lineWidth = near && edge ? width + 1.3 : width;
        pen.setLineDash(onFoot && !edge ? [3, 3] : []);
        strokeInParts(pen, shapes, chosen[rank], view);
      }
    }
  };
}

// Long paths are slow to stroke: a few hundred lines at a time.
function strokeInParts(pen, shapes, features, view) {
  pen.beginPath();
  features.forEach((f, i) => {
    trace(pen, shapes, f, view, false);
    if (i % 200 === 199) {
      pen.stroke();
      pen.beginPath();
    }
  });
  pen.stroke();
}

function dotStops(shapes) {
  return (pen, view) => {
    if (view.zoom < 14) return;
    const radius = Math.min(2.4 + (view.zoom - 14) * 0.9, 6);
    pen.fillStyle = "#ffffff";
    pen.strokeStyle = "#1c1c1c";
    pen.lineWidth = Math.max(radius / 3.5, 1);
    for (let f = 0; f < shapes.count; f++) {
      if (!inView(shapes, f, view)) continue;
      pen.beginPath();
      pen.arc(shapes.x[f] * view.scale - view.left, shapes.y[f] * view.scale - view.top, radius, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
    }
  };
}

// Hatching that goes on across tiles: its period divides their size.
function hatch(pen, colour, background, rising, width) {
  const period = 8, dense = pen.getTransform().a;
  const cell = document.createElement("canvas");
  cell.width = cell.height = period * dense;
  const ink = cell.getContext("2d");
  ink.scale(dense, dense);
  if (background) {
    ink.fillStyle = background;
    ink.fillRect(0, 0, period, period);
  }
  ink.strokeStyle = colour;
  ink.lineWidth = width;
  ink.beginPath();
  for (const shift of [-period, 0, period]) {
    ink.moveTo(shift - 1, rising ? period + 1 : -1);
    ink.lineTo(shift + period + 1, rising ? -1 : period + 1);
  }
  ink.stroke();
  const pattern = pen.createPattern(cell, "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / dense));
  return pattern;
}

// `state` holds the column that is shown: class of each zone, whether it is doubtful or empty of people, colours.
function fillZones(shapes, state) {
  return (pen, view) => {
    const none = hatch(pen, HATCH, EMPTY, true, 0.9);
    const doubt = state.markDoubt ? hatch(pen, DOUBT, "", false, 1.6) : null;
    for (let f = 0; f < shapes.count; f++) {
      if (!inView(shapes, f, view)) continue;
      const known = state.classOf[f] >= 0;
      const wide = (shapes.box[4 * f + 2] - shapes.box[4 * f]) * view.scale > 26;
      pen.beginPath();
      trace(pen, shapes, f, view, true);
      pen.fillStyle = known ? state.colours[state.classOf[f]] : state.nobody[f] ? EMPTY : none;
      pen.fill("evenodd");
      if (known && doubt && state.doubtful[f]) {
        pen.fillStyle = doubt;
        pen.fill("evenodd");
      }
      pen.lineWidth = wide ? 0.8 : 0.5;
      pen.strokeStyle = wide ? "rgba(255,255,255,.75)" : known ? state.colours[state.classOf[f]] : EMPTY;
      pen.stroke();
    }
  };
}
