// Reads the packed text that encoding.py writes.

function octetsOf(text) {
  const raw = atob(text);
  const octets = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) octets[i] = raw.charCodeAt(i);
  return octets;
}

function integersOf(text) {
  const octets = octetsOf(text);
  const found = new Float64Array(octets.length);
  let count = 0;
  let value = 0;
  let weight = 1;
  for (const octet of octets) {
    value += (octet & 127) * weight;
    weight *= 128;
    if (octet < 128) {
      found[count++] = value;
      value = 0;
      weight = 1;
    }
  }
  return found.subarray(0, count);
}

const unzigzag = (code) => (code % 2 ? -(code + 1) / 2 : code / 2);

// Significant digits and a power of ten; 0 is zero and 1 is "no value".
function numbersOf(text) {
  return Float64Array.from(integersOf(text), (code) => {
    if (code === 0) return 0;
    if (code === 1) return NaN;
    const digits = Math.floor((code - 2) / 64);
    return Number(`${unzigzag(digits)}e${((code - 2) % 64) - 30}`);
  });
}

// World coordinates of the web Mercator projection, 0 to 1, y downwards.
const worldX = (lon) => lon / 360 + 0.5;
const worldY = (lat) => {
  const sine = Math.sin((lat * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
};

// Features as flat arrays: parts of feature f are first[f] … first[f + 1], vertices of part p start[p] … start[p + 1].
function shapesOf(packed) {
  const parts = integersOf(packed.parts);
  const vertices = integersOf(packed.vertices);
  const steps = integersOf(packed.steps);
  const first = new Uint32Array(parts.length + 1);
  const start = new Uint32Array(vertices.length + 1);
  const x = new Float64Array(steps.length / 2);
  const y = new Float64Array(steps.length / 2);
  const box = new Float64Array(4 * parts.length);
  for (let f = 0; f < parts.length; f++) first[f + 1] = first[f] + parts[f];
  for (let p = 0; p < vertices.length; p++) start[p + 1] = start[p] + vertices[p];
  let lon = 0;
  let lat = 0;
  for (let i = 0; i < x.length; i++) {
    lon += unzigzag(steps[2 * i]);
    lat += unzigzag(steps[2 * i + 1]);
    x[i] = worldX(lon * 1e-6);
    y[i] = worldY(lat * 1e-6);
  }
  for (let f = 0; f < parts.length; f++) {
    let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
    for (let i = start[first[f]]; i < start[first[f + 1]]; i++) {
      west = Math.min(west, x[i]);
      east = Math.max(east, x[i]);
      north = Math.min(north, y[i]);
      south = Math.max(south, y[i]);
    }
    box.set([west, north, east, south], 4 * f);
  }
  return { count: parts.length, first, start, x, y, box };
}

// The feature that holds a point of the world, −1 for none.
function featureAt(shapes, px, py) {
  for (let f = 0; f < shapes.count; f++) {
    const [west, north, east, south] = shapes.box.subarray(4 * f, 4 * f + 4);
    if (px < west || px > east || py < north || py > south) continue;
    let inside = false;
    for (let p = shapes.first[f]; p < shapes.first[f + 1]; p++) {
      const from = shapes.start[p], to = shapes.start[p + 1];
      for (let i = from, j = to - 1; i < to; j = i++) {
        const crosses = shapes.y[i] > py !== shapes.y[j] > py;
        const at = ((shapes.x[j] - shapes.x[i]) * (py - shapes.y[i])) / (shapes.y[j] - shapes.y[i]) + shapes.x[i];
        if (crosses && px < at) inside = !inside;
      }
    }
    if (inside) return f;
  }
  return -1;
}

// A number as numbers.py says it: fixed decimals, or three digits or so; never zero or 100 % where it is not.
function formatNumber(value, places, percent) {
  const size = Math.abs(value);
  const bySize = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  const decimals = places ?? bySize;
  const smallest = 10 ** -decimals;
  const text = size.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const written = Number(text.replaceAll(",", ""));
  if (value !== 0 && written === 0) return value > 0 ? `<${smallest}` : `>−${smallest}`;
  if (percent && value < 100 && written === 100) return ">99.9";
  return value < 0 && written !== 0 ? `−${text}` : text;
}

const formatCount = (count) => count.toLocaleString("en");
