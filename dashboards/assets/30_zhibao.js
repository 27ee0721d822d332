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

  // Charts are drawn one after another from the top, lists and key figures at once, so that the first is there soonest.
  const LONGEST_WAIT = 4000;
  let newest = 0;
  const isDrawn = (card) => card.querySelector(".card-foot").children.length > 0 && !card.querySelector("[data-dash-is-loading=true]")
    && [...card.querySelectorAll(".dash-graph")].every((graph) => graph.offsetHeight === 0 || graph.querySelector(".main-svg"));
  const drawInTurn = async (view) => {
    const mine = ++newest;
    const root = document.documentElement.dataset;
    delete root.shown;  // the address whose page stands whole; none as long as cards are still to come
    if (!view) { return; }
    if (!view.page) { root.shown = view.address; return; }
    const pause = (ms) => new Promise((done) => setTimeout(done, ms));
    const frames = () => document.querySelector(`.cards-${view.page}-${view.lang}`);
    for (const start = Date.now(); !frames() && Date.now() - start < LONGEST_WAIT;) { await pause(20); }
    await pause(20);  // until Dash knows them as well
    const all = [...document.querySelectorAll(".card-head")].map((head) => ({card: head.closest(".card"), id: JSON.parse(head.id)}));
    const draw = ({card, id}) => {
      if (mine === newest && card.isConnected) { window.dash_clientside.set_props({name: id.name, type: id.type.replace("head", "turn")}, {data: view}); }
    };
    all.filter(({id}) => id.type === "panel-head").forEach(draw);
    for (const figure of all.filter(({id}) => id.type === "figure-head")) {
      if (mine !== newest) { return; }
      draw(figure);
      const start = Date.now();
      do { await pause(20); } while (mine === newest && !isDrawn(figure.card) && Date.now() - start < LONGEST_WAIT);
    }
    if (mine === newest) { root.shown = view.address; }
  };

  // The picture with its title, unit and stamp written into it; made here, nothing is sent anywhere.
  const saveImage = (card, form, name) => {
    const graph = card.querySelector(".js-plotly-plot");
    if (!graph) { return; }
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
    window.Plotly.downloadImage({data: graph.data, layout}, {format: form, filename: `zhibao-${name}`, width: layout.width, height: layout.height, scale: 2});
  };
  document.addEventListener("click", ({target}) => {
    if (target.dataset && target.dataset.image) { saveImage(target.closest(".card"), target.dataset.image, target.dataset.card); }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    zhibao: {
      show: (view) => {
        if (view && view.title) {
          document.title = view.title;
          document.documentElement.lang = view.lang === "en" ? "en" : "zh-CN";
        }
        drawInTurn(view);
        return window.dash_clientside.no_update;
      },
      burger: (opened, path, navbar) => {
        const byLink = window.dash_clientside.callback_context.triggered.some((t) => t.prop_id === "url.pathname");
        return {...navbar, collapsed: {mobile: byLink || !opened}};
      },
    },
  });
})();
