// Lays out the tables whose cells a box carries as JSON: {heads: [[text, class, width]], rows: [[[text, class]]]}.
// Texts are set as text, never as markup.
(function () {
  const element = (name, text, kind) => Object.assign(document.createElement(name), {textContent: text || "", className: kind || ""});
  const lay = (box) => {
    const {heads, rows} = JSON.parse(box.dataset.table);
    const head = document.createElement("tr");
    for (const [text, kind, width] of heads) {
      const cell = element("th", text, kind);
      cell.scope = "col";
      cell.style.minWidth = `${width}px`;
      head.append(cell);
    }
    const body = document.createElement("tbody");
    for (const row of rows) {
      const line = document.createElement("tr");
      line.append(...row.map(([text, kind]) => element("td", text, kind)));
      body.append(line);
    }
    const top = document.createElement("thead");
    top.append(head);
    const table = element("table", "", "table");
    table.append(top, body);
    box.replaceChildren(table);
  };
  const look = () => {
    for (const box of document.querySelectorAll("[data-table]")) {
      if (box.laidOut !== box.dataset.table) {
        box.laidOut = box.dataset.table;
        lay(box);
      }
    }
  };
  const watch = () => {
    look();
    new MutationObserver(look).observe(document.body, {childList: true, subtree: true, attributes: true, attributeFilter: ["data-table"]});
  };
  if (document.body) watch(); else document.addEventListener("DOMContentLoaded", watch);
})();
