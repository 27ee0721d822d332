// Any geo figure would fetch world topology from a CDN; an empty topology keeps it at home.
window.PlotlyGeoAssets = window.PlotlyGeoAssets || {topojson: {}};
for (const scope of ["africa", "asia", "europe", "north-america", "south-america", "usa", "world"]) {
  for (const size of ["110m", "50m"]) {
    window.PlotlyGeoAssets.topojson[`${scope}_${size}`] = {
      type: "Topology", arcs: [],
      objects: Object.fromEntries(["coastlines", "land", "ocean", "lakes", "rivers", "countries", "subunits"]
        .map((name) => [name, {type: "GeometryCollection", geometries: []}])),
    };
  }
}
