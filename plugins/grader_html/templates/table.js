"use strict";
// Sorts the class table by a column, and shows the rows that a search or a button asks for.
const table = document.querySelector(".roll table");
if (table) {
  const body = table.tBodies[0], all = [...body.rows], tools = document.querySelector(".tools");
  const search = tools.querySelector("input"), buttons = [...tools.querySelectorAll("button")];
  const order = new Intl.Collator(document.documentElement.lang, { numeric: true });

  const inOrder = (a, b) => a !== "" && b !== "" && !isNaN(a) && !isNaN(b) ? a - b : order.compare(a, b);

  function sort(head) {
    const column = head.cellIndex;
    const first = column > 0 ? "descending" : "ascending";
    const turned = first === "ascending" ? "descending" : "ascending";
    const way = head.getAttribute("aria-sort") === first ? turned : first;
    table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", way);
    const value = (row) => row.cells[column].dataset.sort;
    const rows = [...all].sort((a, b) => inOrder(value(a), value(b)) * (way === "ascending" ? 1 : -1));
    body.append(...rows);
  }

  function show() {
    const wanted = buttons.find((button) => button.getAttribute("aria-pressed") === "true").dataset.show;
    const text = search.value.trim().toLocaleLowerCase();
    for (const row of all) {
      const named = row.cells[0].textContent.toLocaleLowerCase().includes(text);
      row.hidden = !named || (wanted !== "all" && !row.dataset.show.split(" ").includes(wanted));
    }
    document.querySelector(".none-found").hidden = all.some((row) => !row.hidden);
  }

  for (const head of table.tHead.rows[0].cells) {
    if (head.classList.contains("plain")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head));
    head.append(button);
  }
  for (const button of buttons) {
    button.addEventListener("click", () => {
      buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      show();
    });
  }
  search.addEventListener("input", show);
  tools.hidden = false;
}
