// What has to happen in the browser: width class, document title, menu, pictures to download.
(function () {
  const small = window.matchMedia("(max-width: 700px)");
  const tell = () => window.dash_clientside.set_props("screen", {data: {narrow: small.matches}});
  const ready = setInterval(() => {
    if (window.dash_clientside && window.dash_clientside.set_props && document.getElementById("main")) {
      clearInterval(ready);
      tell();
      small.addEventListener("change", tell);
    }
  }, 20);

  // A menu of downloads closes when anything else is clicked, on Escape, and when something in it was chosen.
  const close = (except) => document.querySelectorAll("details.menu[open]").forEach((menu) => { if (menu !== except) menu.open = false; });
  document.addEventListener("click", (event) => close(event.target.closest(".menu-list") ? null : event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(null); });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    zhibao: {
      document: (view) => {
        if (view && view.title) {
          document.title = view.title;
          document.documentElement.lang = view.lang === "en" ? "en" : "zh-CN";
        }
        return window.dash_clientside.no_update;
      },
      burger: (opened, path, navbar) => {
        const byLink = window.dash_clientside.callback_context.triggered.some((t) => t.prop_id === "url.pathname");
        return {...navbar, collapsed: {mobile: byLink || !opened}};
      },
      // The picture with its title, unit and stamp written into it; made here, nothing is sent anywhere.
      image: (clicks, id) => {
        if (clicks && id) {
          const card = [...document.querySelectorAll(".card")].find((c) => c.querySelector(`[id*='"name":"${id.name}"'][id*='"type":"graph"']`));
          const graph = card && card.querySelector(".js-plotly-plot");
          if (graph) {
            const title = card.querySelector(".card-title").innerText;
            const stamp = card.querySelector(".card-foot").innerText.replace(/\n+/g, "<br>");
            const box = graph.getBoundingClientRect();
            const layout = JSON.parse(JSON.stringify(graph.layout));
            const margin = layout.margin || {};
            layout.title = {text: title, x: 0.01, xanchor: "left", y: 0.985, yanchor: "top", font: {size: 16}};
            layout.margin = {...margin, t: (margin.t || 8) + 40, b: (margin.b || 8) + 56};
            layout.annotations = [...(layout.annotations || []), {text: stamp, xref: "paper", yref: "container", x: 0, y: 0.01, xanchor: "left", yanchor: "bottom", align: "left", showarrow: false, font: {size: 10}}];
            layout.width = Math.round(box.width);
            layout.height = Math.round(box.height) + 96;
            window.Plotly.downloadImage({data: graph.data, layout}, {format: id.form, filename: `zhibao-${id.name}`, width: layout.width, height: layout.height, scale: 2});
          }
        }
        return window.dash_clientside.no_update;
      },
    },
  });
})();
