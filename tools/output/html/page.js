const panel = document.getElementById("behind");
const code = panel.querySelector("code");
const dialog = document.getElementById("list");
const held = dialog && JSON.parse(document.getElementById("held").textContent);
const LIST = "#list-";
let asked;

for (const cell of document.querySelectorAll("td[title], th[title]")) cell.tabIndex = 0;

function ask(cell) {
  asked?.classList.remove("asked");
  asked = cell;
  asked.classList.add("asked");
  if (cell.dataset.held) {
    panel.hidden = true;
    location.hash = LIST + cell.dataset.held; // so that a browser's own Back leads back, too
  } else {
    code.textContent = cell.title;
    panel.hidden = false;
  }
}

function leave() {
  asked?.classList.remove("asked");
  asked?.focus();
  panel.hidden = true;
}

function line(labels, [number, ...values]) {
  const row = document.createElement("tr");
  const name = row.appendChild(document.createElement("th"));
  name.scope = "row";
  name.textContent = number;
  values.forEach((value, place) => {
    const cell = row.insertCell();
    cell.dataset.label = labels[place + 1];
    cell.textContent = value;
  });
  return row;
}

function show(number) {
  const cell = document.querySelector(`[data-held="${number}"]`);
  const places = held.lists[number];
  const labels = [...dialog.querySelectorAll("thead th")].map((head) => head.textContent);
  const where = cell.closest("tr").querySelector("th")?.textContent ?? "";
  dialog.querySelector("h2").textContent = `${where}: ${places.length} ${dialog.dataset.count}`;
  dialog.querySelector("code").textContent = cell.title;
  dialog.querySelector("tbody").replaceChildren(...places.map((place) => line(labels, held.dossiers[place])));
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

function follow() {
  const number = location.hash.startsWith(LIST) ? Number(location.hash.slice(LIST.length)) : NaN;
  if (number in held.lists) show(number);
  else if (dialog.open) dialog.close();
}

document.addEventListener("click", ({ target }) => {
  const cell = target.closest("td[title], th[title]");
  if (cell) ask(cell);
});

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("td[title], th[title]");
  if (cell && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    ask(cell);
  } else if (event.key === "Escape" && !panel.hidden) leave();
});

document.getElementById("copy").addEventListener("click", () => {
  getSelection().selectAllChildren(code); // so that it can be copied by hand where a browser refuses
  navigator.clipboard?.writeText(code.textContent);
});

document.getElementById("close").addEventListener("click", leave);

if (dialog) {
  document.getElementById("back").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    if (location.hash.startsWith(LIST)) history.replaceState(null, "", location.pathname + location.search);
    leave();
  });
  addEventListener("hashchange", follow);
  follow();
}
