// Names above the map: the largest areas first, none on top of another.

const LabelLayer = L.Layer.extend({
  initialize(labels, options) {
    L.setOptions(this, options);
    this._labels = labels;
  },
  onAdd(map) {
    this._canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide", this.getPane());
    map.on("moveend zoomend resize viewreset", this._draw, this);
    this._draw();
  },
  onRemove(map) {
    map.off("moveend zoomend resize viewreset", this._draw, this);
    this._canvas.remove();
  },
  _draw() {
    const map = this._map, size = map.getSize(), dense = window.devicePixelRatio || 1;
    L.DomUtil.setPosition(this._canvas, map.containerPointToLayerPoint([0, 0]));
    this._canvas.width = size.x * dense;
    this._canvas.height = size.y * dense;
    this._canvas.style.width = `${size.x}px`;
    this._canvas.style.height = `${size.y}px`;
    const pen = this._canvas.getContext("2d");
    pen.scale(dense, dense);
    const far = map.getZoom() < 12;
    pen.font = `600 ${far ? 12 : 13}px ${getComputedStyle(document.body).fontFamily}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    const taken = [];
    for (const [text, lon, lat] of this._labels) {
      const at = map.latLngToContainerPoint([lat, lon]);
      const half = pen.measureText(text).width / 2 + (far ? 14 : 8);
      const box = [at.x - half, at.y - 12, at.x + half, at.y + 12];
      if (box[0] < 0 || box[1] < 0 || box[2] > size.x || box[3] > size.y) continue;
      if (taken.some((b) => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1])) continue;
      taken.push(box);
      pen.strokeStyle = "rgba(255,255,255,.95)";
      pen.lineWidth = 4;
      pen.strokeText(text, at.x, at.y);
      pen.fillStyle = "#1c1c1c";
      pen.fillText(text, at.x, at.y);
    }
  },
});
